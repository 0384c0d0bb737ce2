import { Button, Modal, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Trouble } from '../source/source.ts';
import { CopyButton } from './copy.tsx';
import { TroubleNote } from './face.tsx';

/** For what cannot be undone: says what will be lost, and the name has to be typed. */
export function TypedConfirmation({
  title,
  name,
  action,
  children,
  run,
  close,
}: {
  title: string;
  /** What must be typed. */
  name: string;
  /** Words of the button. */
  action: string;
  children: ReactNode;
  /** Resolves to what went wrong, or null. */
  run: () => Promise<Trouble | null>;
  close: () => void;
}) {
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const matches = typed.trim() === name;
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        className="form"
        onSubmit={event => {
          event.preventDefault();
          if (!matches) return;
          setBusy(true);
          void run().then(problem => {
            setBusy(false);
            if (problem) setTrouble(problem);
            else close();
          });
        }}
      >
        {children}
        {trouble ? <TroubleNote trouble={trouble} /> : null}
        <TextInput
          label={
            <>
              Type <code>{name}</code> to confirm
            </>
          }
          value={typed}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          onChange={event => setTyped(event.currentTarget.value)}
        />
        <div className="line">
          <Button type="submit" color="red.8" disabled={!matches} loading={busy}>
            {action}
          </Button>
          <Button variant="default" onClick={close}>
            Keep it
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** A secret that is shown this once. */
export function SecretOnce({ label, secret }: { label: string; secret: string }) {
  return (
    <div className="stack" style={{ gap: 4 }}>
      <span className="strong">{label}</span>
      <div className="secret">
        <code>{secret}</code>
        <CopyButton text={secret} label={`Copy: ${label}`} />
      </div>
    </div>
  );
}
