import { UnstyledButton } from '@mantine/core';
import {
  IconAlertTriangle,
  IconEye,
  IconHome,
  IconInbox,
  IconMessageCircle,
  IconSettings,
  IconShieldLock,
  IconX,
} from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { assertNever } from '../../../../shared/base/assert-never.ts';
import type { SentenceKey } from '../../../../shared/text/sentence.ts';
import type { View } from '../../contract.ts';
import { AboutPage } from '../pages/about.tsx';
import { AskPage } from '../pages/ask.tsx';
import { HomePage } from '../pages/home.tsx';
import { PrivacyPage } from '../pages/privacy.tsx';
import { ProblemsPage } from '../pages/problems.tsx';
import { RequestsPage } from '../pages/requests.tsx';
import { StateMark } from '../parts/mark.tsx';
import { useTimes, useWords } from '../parts/words.ts';
import { solvedOf, useDeskState, useFacts } from '../state/desk-state.ts';
import { Boundary } from './boundary.tsx';
import { ServiceFace } from './service-face.tsx';

const PLACES = [
  { page: 'home', words: 'page.home', icon: <IconHome size={20} stroke={1.8} /> },
  { page: 'problems', words: 'page.problems', icon: <IconAlertTriangle size={20} stroke={1.8} /> },
  { page: 'ask', words: 'page.ask', icon: <IconMessageCircle size={20} stroke={1.8} /> },
  { page: 'requests', words: 'page.requests', icon: <IconInbox size={20} stroke={1.8} /> },
  { page: 'privacy', words: 'page.privacy', icon: <IconShieldLock size={20} stroke={1.8} /> },
] as const satisfies readonly { page: View['page']; words: SentenceKey; icon: ReactNode }[];

function Page({ page }: { page: View['page'] }) {
  switch (page) {
    case 'home':
      return <HomePage />;
    case 'problems':
      return <ProblemsPage />;
    case 'ask':
      return <AskPage />;
    case 'requests':
      return <RequestsPage />;
    case 'privacy':
      return <PrivacyPage />;
    case 'about':
      return <AboutPage />;
    default:
      return assertNever(page, 'page');
  }
}

/** Who looks at this device right now: on every page, for as long as it lasts. */
function Viewers() {
  const { home } = useFacts();
  const { say } = useWords();
  const { when } = useTimes();
  const viewers = home.state === 'known' ? home.value.viewers : [];
  return (
    <div role="status" className={viewers.length > 0 ? 'viewers' : ''}>
      {viewers.map(({ name, since }) => (
        <p key={`${name} ${since}`} className="line">
          <IconEye size={18} stroke={1.8} aria-hidden="true" />
          <span>{say('tray.viewer', { name, when: when(since) })}</span>
        </p>
      ))}
    </div>
  );
}

/** What has just been solved, for those who do not look at the page. */
function Solved() {
  const facts = useFacts();
  const { say, told } = useWords();
  return (
    <p role="status" className="sr">
      {solvedOf(facts)
        .map(({ what }) => say('problem.solved', { what: told(what) }))
        .join(' ')}
    </p>
  );
}

/** The window: whose device, who looks, the page, the way to the others. */
export function TrayWindow() {
  const state = useDeskState();
  const { home, info, language, view, draft } = useFacts();
  const { say } = useWords();
  const main = useRef<HTMLElement>(null);
  const shown = useRef<View | null>(null);
  const writing = useRef(false);
  writing.current = draft.help !== null;

  useEffect(() => {
    document.documentElement.lang = language.locale;
  }, [language.locale]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      // An input method closes its own list first.
      if (event.key === 'Escape' && !event.isComposing) void state.desk.app.close();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [state]);

  // Whoever goes to a page by keyboard begins at its headline, not at the foot of the window.
  useEffect(() => {
    const before = shown.current;
    shown.current = view;
    if (before === null || before.page === view.page) return;
    main.current?.scrollTo(0, 0);
    const isWriting = view.page === 'ask' || (view.page === 'requests' && writing.current);
    const named = view.page === 'requests' ? '[data-named]' : '[data-open] h2 button';
    const hasName = view.problem !== undefined || view.request !== undefined;
    const target = isWriting ? 'textarea' : hasName ? named : 'h1';
    main.current?.querySelector<HTMLElement>(target)?.focus();
  }, [view]);

  const count = home.state === 'known' ? home.value.problems.length : 0;
  const away = info !== null && info.service !== 'connected';
  const device = home.state === 'known' ? home.value.device.name : 'Trayline';
  return (
    <div className="window">
      <header className="head">
        <div className="head-name">
          <p className="strong">{device}</p>
          <p>
            <StateMark state={home.state === 'known' && !away ? home.value.state : 'unknown'} />
          </p>
        </div>
        <UnstyledButton
          className="icon-button"
          aria-label={say('page.about')}
          title={say('page.about')}
          aria-current={view.page === 'about' ? 'page' : undefined}
          onClick={() => state.go({ page: 'about' })}
        >
          <IconSettings size={20} stroke={1.8} aria-hidden="true" />
        </UnstyledButton>
        <UnstyledButton
          className="icon-button"
          aria-label={say('page.close')}
          title={say('page.close')}
          onClick={() => void state.desk.app.close()}
        >
          <IconX size={20} stroke={1.8} aria-hidden="true" />
        </UnstyledButton>
      </header>
      <Viewers />
      <Solved />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
      <main ref={main} className={`page page-${view.page}`} tabIndex={0}>
        <Boundary key={view.page}>
          {away && view.page !== 'about' ? <ServiceFace /> : <Page page={view.page} />}
        </Boundary>
      </main>
      <nav className="places" aria-label={say('page.pages')}>
        {PLACES.map(({ page, words, icon }) => (
          <UnstyledButton
            key={page}
            className="place"
            aria-current={view.page === page ? 'page' : undefined}
            onClick={() => state.go({ page })}
          >
            <span className="place-icon" aria-hidden="true">
              {icon}
              {page === 'problems' && count > 0 && !away ? <span className="count num">{count}</span> : null}
            </span>
            <span>{say(words)}</span>
            {page === 'problems' && count > 0 && !away ? (
              <span className="sr">, {say('page.problem-count', { count })}</span>
            ) : null}
          </UnstyledButton>
        ))}
      </nav>
    </div>
  );
}
