import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { reasonSentence, sentence } from '../../../shared/text/sentence.ts';
import { deskOf } from '../client.ts';
import type { Home } from '../contract.ts';

/** The state and the next step in words. */
function Page() {
  const [home, setHome] = useState<Home | null>(null);
  useEffect(() => {
    if (window.trayline === undefined) return undefined;
    const desk = deskOf(window.trayline);
    desk.home.get().then(setHome, () => setHome(null));
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') void desk.app.close();
    };
    window.addEventListener('keydown', onKey);
    const end = desk.home.onChanged(setHome);
    return () => {
      window.removeEventListener('keydown', onKey);
      end();
    };
  }, []);
  if (home === null) return <p>{sentence('en', 'tray.state.no-service')}</p>;
  return (
    <main>
      <h1>{sentence('en', `state.${home.state}`)}</h1>
      {home.next === null ? null : <p>{reasonSentence('en', home.next.what)}</p>}
    </main>
  );
}

const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<Page />);
