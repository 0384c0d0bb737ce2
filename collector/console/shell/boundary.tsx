import { Component, type ReactNode } from 'react';
import { TroubleFace } from '../parts/face.tsx';

/** A fault in drawing becomes a face instead of an empty page. */
export class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override componentDidCatch(error: unknown): void {
    console.error('page could not be drawn', error);
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <TroubleFace
        center
        level="h1"
        trouble={{
          code: 'page',
          title: 'This page could not be drawn',
          what: 'Something on it was not as expected. Nothing was changed on any device.',
          next: 'Reload the page. If it happens again, report the address shown above.',
          trace: null,
          fields: [],
        }}
        retry={() => location.reload()}
      />
    );
  }
}
