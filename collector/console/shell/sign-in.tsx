import { Button, Modal, PasswordInput, TextInput } from '@mantine/core';
import { IconActivityHeartbeat } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { PASSWORD_MIN, type SessionResponse } from '../../../shared/api/schemas.ts';
import { TroubleNote } from '../parts/face.tsx';
import type { Trouble } from '../source/source.ts';
import { useConsole } from '../state/console-state.ts';

export function SignIn({ ended }: { ended: boolean }) {
  const console = useConsole();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const answer = await console.request<SessionResponse>('POST', 'session', { user: user.trim(), password });
    setBusy(false);
    setPassword('');
    if (answer.ok) console.signedIn(answer.value);
    else setTrouble(answer.trouble);
  };
  return (
    <main className="sign">
      <div className="card stack-wide">
        <div className="line">
          <IconActivityHeartbeat size={26} stroke={2} color="var(--accent)" aria-hidden="true" />
          <h1>Sign in to Trayline</h1>
        </div>
        {ended ? (
          <p className="note">Your session has ended. Sign in again to go on where you were.</p>
        ) : null}
        {trouble ? <TroubleNote trouble={trouble} /> : null}
        <form className="form" onSubmit={event => void send(event)}>
          <TextInput
            label="User name"
            size="sm"
            autoComplete="username"
            required
            withAsterisk={false}
            value={user}
            onChange={event => setUser(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={event => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" loading={busy} size="sm" fullWidth>
            Sign in
          </Button>
        </form>
        <p className="quiet small">
          No access yet? An administrator can add you under People &amp; tokens. The first one is made when
          the collector starts for the first time; its log says how.
        </p>
      </div>
    </main>
  );
}

/** Own password; forced at the first sign-in, when somebody else has given the one in use. */
export function PasswordChange({
  session,
  forced = false,
  close,
}: {
  session: SessionResponse;
  forced?: boolean;
  close?: () => void;
}) {
  const console = useConsole();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const short = next !== '' && next.length < PASSWORD_MIN;
  const differs = again !== '' && again !== next;

  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (next.length < PASSWORD_MIN || next !== again) return;
    setBusy(true);
    const answer = await console.request<SessionResponse | undefined>('POST', 'session/password', {
      current,
      next,
    });
    setBusy(false);
    if (!answer.ok) return setTrouble(answer.trouble);
    console.notify('Password changed.');
    if (forced) await console.start();
    else console.signedIn({ ...(answer.value ?? session), mustChangePassword: false });
    close?.();
  };
  const form = (
    <form className="form" onSubmit={event => void send(event)}>
      {trouble ? <TroubleNote trouble={trouble} /> : null}
      <input type="text" autoComplete="username" value={session.user} readOnly hidden />
      <PasswordInput
        label="Password you have now"
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={current}
        onChange={event => setCurrent(event.currentTarget.value)}
      />
      <PasswordInput
        label="New password"
        description={`At least ${PASSWORD_MIN} characters. A few unrelated words are good.`}
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={next}
        error={short ? `${PASSWORD_MIN - next.length} more to go` : null}
        onChange={event => setNext(event.currentTarget.value)}
      />
      <PasswordInput
        label="New password again"
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={again}
        error={differs ? 'Not the same as above' : null}
        onChange={event => setAgain(event.currentTarget.value)}
      />
      <div className="line">
        <Button
          type="submit"
          loading={busy}
          disabled={next.length < PASSWORD_MIN || next !== again || current === ''}
        >
          Set password
        </Button>
        {forced ? (
          <Button variant="default" onClick={() => void console.signOut()}>
            Sign out
          </Button>
        ) : null}
      </div>
    </form>
  );
  if (!forced) {
    return (
      <Modal
        opened
        onClose={() => close?.()}
        title="Change password"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {form}
      </Modal>
    );
  }
  return (
    <main className="sign">
      <div className="card stack-wide">
        <h1>Choose your own password</h1>
        <p>
          {session.name}, the password you have was given to you by somebody else. Set your own to go on;
          after that nobody else knows it.
        </p>
        {form}
      </div>
    </main>
  );
}
