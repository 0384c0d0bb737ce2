import { Component, type ReactNode } from 'react';
import { CATALOGUES, localeOf } from '../../../../shared/text/sentence.ts';

/** A page that cannot be drawn says so instead of leaving the window white. */
export class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    const words = CATALOGUES[localeOf(document.documentElement.lang)];
    return (
      <main className="window">
        <div className="face" role="alert">
          <h1>{words['page.broken.title']}</h1>
          <p>{words['page.broken.text']}</p>
          <button type="button" className="plain-button" onClick={() => location.reload()}>
            {words['page.retry']}
          </button>
        </div>
      </main>
    );
  }
}
