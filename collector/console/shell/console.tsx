import { Button, Menu, useMantineColorScheme } from '@mantine/core';
import {
  IconActivityHeartbeat,
  IconChevronDown,
  IconDeviceLaptop,
  IconHistory,
  IconInbox,
  IconPlugConnected,
  IconSettings,
  IconShieldCheck,
  IconTopologyStar3,
  IconUserCircle,
  IconUsers,
} from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { Route, Switch } from 'wouter';
import type { SessionResponse } from '../../../shared/api/schemas.ts';
import { FleetPage } from '../fleet/fleet-page.tsx';
import { Face, TroubleFace, WaitingLines } from '../parts/face.tsx';
import { Link } from '../parts/link.tsx';
import { ROLE_NAMES, useConsole } from '../state/console-state.ts';
import { SCENE, usePlace } from '../state/place.ts';
import { useStore } from '../state/store.ts';
import { KeysDialog, useKey } from './keys.tsx';
import { LinkBand, Pulse } from './pulse.tsx';
import { Search } from './search.tsx';
import { PasswordChange, SignIn } from './sign-in.tsx';

const DevicePage = lazy(() =>
  import('../device/device-page.tsx').then(module => ({ default: module.DevicePage })),
);
const ChecksPage = lazy(() =>
  import('../posture/checks-page.tsx').then(module => ({ default: module.ChecksPage })),
);
const EnrolmentPage = lazy(() =>
  import('../pages/enrolment.tsx').then(module => ({ default: module.EnrolmentPage })),
);
const IntegrationsPage = lazy(() =>
  import('../integrations/integrations-page.tsx').then(module => ({ default: module.IntegrationsPage })),
);
const MatchesPage = lazy(() =>
  import('../integrations/matches-page.tsx').then(module => ({ default: module.MatchesPage })),
);
const BelievedPage = lazy(() =>
  import('../integrations/believed-page.tsx').then(module => ({ default: module.BelievedPage })),
);
const HelpPage = lazy(() => import('../help/help-page.tsx').then(module => ({ default: module.HelpPage })));
const PeoplePage = lazy(() => import('../pages/people.tsx').then(module => ({ default: module.PeoplePage })));
const AgentSettingsPage = lazy(() =>
  import('../agent-settings/agent-settings-page.tsx').then(module => ({ default: module.AgentSettingsPage })),
);
const AuditPage = lazy(() => import('../pages/audit.tsx').then(module => ({ default: module.AuditPage })));

/** Who are you, then the page. */
export function Console() {
  const console = useConsole();
  const session = useStore(console.session);
  switch (session.is) {
    case 'loading':
      return (
        <main className="face center" aria-busy="true">
          <h1 className="sr">Trayline</h1>
          <p role="status" className="quiet">
            Asking the collector who you are
          </p>
        </main>
      );
    case 'signed-out':
      return <SignIn ended={session.ended} />;
    case 'trouble':
      return (
        <main>
          <TroubleFace trouble={session.trouble} retry={() => void console.start()} center level="h1" />
        </main>
      );
    case 'signed-in':
      return session.session.mustChangePassword ? (
        <PasswordChange session={session.session} forced />
      ) : (
        <Shell session={session.session} />
      );
  }
}

function Shell({ session }: { session: SessionResponse }) {
  const [keys, setKeys] = useState(false);
  useKey(useMemo(() => ({ '?': () => setKeys(true) }), []));
  return (
    <div className="shell">
      <a className="skip" href="#page">
        To the page
      </a>
      <Rail />
      <header className="topbar">
        <Search />
        <Pulse />
        <Who session={session} showKeys={() => setKeys(true)} />
      </header>
      <main className="page" id="page" tabIndex={-1}>
        <LinkBand />
        <Suspense
          fallback={
            <div className="page-pad">
              <WaitingLines what="the page" />
            </div>
          }
        >
          <Pages />
        </Suspense>
      </main>
      <Notices />
      <KeysDialog opened={keys} close={() => setKeys(false)} />
    </div>
  );
}

function Pages() {
  const { path } = usePlace();
  useEffect(() => {
    const page = path === '/' ? 'Fleet' : (path.split('/')[1] ?? '');
    document.title = `${page.charAt(0).toUpperCase()}${page.slice(1)} · Trayline`;
  }, [path]);
  return (
    <Switch>
      <Route path="/">
        <FleetPage />
      </Route>
      <Route path="/devices/:id">{params => <DevicePage key={params.id} id={params.id} />}</Route>
      <Route path="/posture/checks">
        <ChecksPage />
      </Route>
      <Route path="/integrations">
        <IntegrationsPage />
      </Route>
      <Route path="/integrations/matches">
        <MatchesPage />
      </Route>
      <Route path="/integrations/believed">
        <BelievedPage />
      </Route>
      <Route path="/requests">
        <HelpPage />
      </Route>
      <Route path="/enrolment">
        <EnrolmentPage />
      </Route>
      <Route path="/people">
        <PeoplePage />
      </Route>
      <Route path="/audit">
        <AuditPage />
      </Route>
      <Route path="/settings/agents">
        <AgentSettingsPage />
      </Route>
      <Route>
        <Face title="There is no such page" level="h1">
          <p>The address may be mistyped or from another version.</p>
          <Link to="/">To the fleet</Link>
        </Face>
      </Route>
    </Switch>
  );
}

function Rail() {
  const console = useConsole();
  const waiting = useStore(console.waiting);
  const asked = useStore(console.helpWaiting);
  const { path } = usePlace();
  const items = [
    {
      to: '/',
      name: 'Fleet',
      icon: <IconDeviceLaptop size={18} stroke={1.8} />,
      on: path === '/' || path.startsWith('/devices'),
      need: 'viewer',
    },
    {
      to: '/posture/checks',
      name: 'Posture',
      icon: <IconShieldCheck size={18} stroke={1.8} />,
      on: path.startsWith('/posture'),
      need: 'viewer',
    },
    {
      to: '/requests',
      name: 'Requests',
      icon: <IconInbox size={18} stroke={1.8} />,
      on: path === '/requests',
      need: 'viewer',
      count: asked,
    },
    {
      to: '/integrations',
      name: 'Integrations',
      icon: <IconTopologyStar3 size={18} stroke={1.8} />,
      on: path.startsWith('/integrations'),
      need: 'viewer',
    },
    {
      to: '/enrolment',
      name: 'Enrolment',
      icon: <IconPlugConnected size={18} stroke={1.8} />,
      on: path === '/enrolment',
      need: 'admin',
      count: waiting,
    },
    {
      to: '/audit',
      name: 'Audit',
      icon: <IconHistory size={18} stroke={1.8} />,
      on: path === '/audit',
      need: 'admin',
    },
    {
      to: '/people',
      name: 'People & tokens',
      icon: <IconUsers size={18} stroke={1.8} />,
      on: path === '/people',
      need: 'admin',
    },
    {
      to: '/settings/agents',
      name: 'Settings',
      icon: <IconSettings size={18} stroke={1.8} />,
      on: path.startsWith('/settings'),
      need: 'admin',
    },
  ] as const;
  return (
    <nav className="rail" aria-label="Pages">
      <Link to="/" className="brand">
        <IconActivityHeartbeat size={22} stroke={2} aria-hidden="true" />
        Trayline
      </Link>
      {items
        .filter(item => console.may(item.need))
        .map(item => (
          <Link key={item.to} to={item.to} className="rail-link" current={item.on}>
            <span aria-hidden="true" style={{ display: 'inline-flex' }}>
              {item.icon}
            </span>
            {item.name}
            {'count' in item && item.count ? (
              <span className="rail-count">
                {item.count}
                <span className="sr"> waiting</span>
              </span>
            ) : null}
          </Link>
        ))}
      {SCENE === null ? null : <p className="rail-foot quiet small">Scene “{SCENE}”: invented data</p>}
    </nav>
  );
}

const SCHEMES = [
  ['light', 'Light'],
  ['dark', 'Dark'],
  ['auto', 'As the system'],
] as const;

function Who({ session, showKeys }: { session: SessionResponse; showKeys: () => void }) {
  const console = useConsole();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [changing, setChanging] = useState(false);
  return (
    <div className="who">
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <button
            type="button"
            className="person-button"
            aria-label={`${session.name} ${ROLE_NAMES[session.role]}: menu`}
          >
            <IconUserCircle size={20} stroke={1.8} aria-hidden="true" />
            <span>
              <span className="person-name strong">{session.name}</span>{' '}
              <span className="person-role">{ROLE_NAMES[session.role]}</span>
            </span>
            <IconChevronDown size={14} aria-hidden="true" />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Colours</Menu.Label>
          <Menu.RadioGroup
            value={colorScheme}
            onChange={value => {
              const scheme = SCHEMES.find(([one]) => one === value)?.[0];
              if (scheme) setColorScheme(scheme);
            }}
          >
            {SCHEMES.map(([scheme, name]) => (
              <Menu.RadioItem key={scheme} value={scheme}>
                {name}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
          <Menu.Divider />
          <Menu.Item onClick={showKeys} rightSection={<kbd>?</kbd>}>
            Keys
          </Menu.Item>
          <Menu.Item onClick={() => setChanging(true)}>Change password</Menu.Item>
          <Menu.Item onClick={() => void console.signOut()}>Sign out</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {changing ? <PasswordChange session={session} close={() => setChanging(false)} /> : null}
    </div>
  );
}

function Notices() {
  const console = useConsole();
  const notices = useStore(console.notices);
  return (
    <div className="notices" role="status" aria-live="polite">
      {notices.map(notice => (
        <div key={notice.id} className="notice">
          <span className="grow">{notice.text}</span>
          {notice.undo ? (
            <Button
              variant="transparent"
              onClick={() => {
                notice.undo?.();
                console.dismiss(notice.id);
              }}
            >
              Undo
            </Button>
          ) : null}
          <Button variant="transparent" aria-label="Dismiss" onClick={() => console.dismiss(notice.id)}>
            ✕
          </Button>
        </div>
      ))}
    </div>
  );
}
