import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { z } from 'zod';
import type {
  EnrolmentToken,
  newEnrolmentTokenResponse,
  WaitingDevice,
} from '../../../shared/api/schemas.ts';
import { Ago, dateTime } from '../parts/ago.tsx';
import { CopyButton } from '../parts/copy.tsx';
import { SecretOnce } from '../parts/dialogs.tsx';
import { Face, TroubleFace, TroubleNote, WaitingLines } from '../parts/face.tsx';
import { count, PLATFORM_NAMES } from '../parts/format.ts';
import type { Trouble } from '../source/source.ts';
import { useConsole } from '../state/console-state.ts';
import { useStore } from '../state/store.ts';
import { useAnswer } from '../state/use-answer.ts';
import { now } from '../time.ts';
import { INSTALL_SYSTEMS, installLine } from './install-line.ts';

type Made = z.infer<typeof newEnrolmentTokenResponse>;

/** How does a laptop get in? Those who knock, and the tokens that let in without knocking. */
export function EnrolmentPage() {
  const [made, setMade] = useState<Made | null>(null);
  const tokens = useAnswer<{ tokens: EnrolmentToken[] }>('enrolment/tokens');
  return (
    <div className="page-pad stack-wide">
      <h1>Enrolment</h1>
      <Waiting />
      <section className="card stack" aria-labelledby="tokens">
        <h2 id="tokens">Tokens</h2>
        <p className="quiet">
          A device that brings a valid token is let in at once, without anybody admitting it.
        </p>
        <NewToken
          done={next => {
            setMade(next);
            tokens.reload();
          }}
        />
        {tokens.value ? (
          <Tokens tokens={tokens.value.tokens} reload={tokens.reload} />
        ) : tokens.trouble ? (
          <TroubleFace trouble={tokens.trouble} retry={tokens.reload} />
        ) : (
          <WaitingLines what="the tokens" />
        )}
      </section>
      {made ? <Install made={made} close={() => setMade(null)} /> : null}
    </div>
  );
}

function Waiting() {
  const console = useConsole();
  const known = useStore(console.waiting);
  const { value, trouble, reload } = useAnswer<{ waiting: WaitingDevice[] }>('enrolment/waiting');
  const [busy, setBusy] = useState<string | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another number of waiting devices is a reason to ask again
  useEffect(() => {
    reload();
  }, [known, reload]);

  const decide = async (device: WaitingDevice, what: 'admit' | 'reject') => {
    setBusy(device.id);
    const answer = await console.request(
      'POST',
      `enrolment/waiting/${encodeURIComponent(device.id)}/${what}`,
    );
    setBusy(null);
    if (answer.ok) {
      console.notify(`${device.identity.hostname} was ${what === 'admit' ? 'admitted' : 'refused'}.`);
      reload();
    } else console.notify(`${answer.trouble.title}. ${answer.trouble.next}`, 'trouble');
  };

  return (
    <section className="card stack" aria-labelledby="waiting">
      <h2 id="waiting">Waiting to be admitted{value ? ` (${value.waiting.length})` : ''}</h2>
      {value === null ? (
        trouble ? (
          <TroubleFace trouble={trouble} retry={reload} />
        ) : (
          <WaitingLines what="waiting devices" lines={2} />
        )
      ) : value.waiting.length === 0 ? (
        <p className="quiet">
          Nobody waits. An agent started without a token knocks here; you then compare its fingerprint and
          admit it.
        </p>
      ) : (
        <>
          <p className="quiet">
            Admit only when the fingerprint is the one the agent prints on that machine.
          </p>
          <div className="table-scroll">
            <table className="table cards">
              <thead>
                <tr>
                  <th>Device</th>
                  <th>Fingerprint</th>
                  <th>Person</th>
                  <th>Model, serial</th>
                  <th>From</th>
                  <th>Knocking for</th>
                  <th className="end">
                    <span className="sr">Decide</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {value.waiting.map(device => (
                  <tr key={device.id}>
                    <td data-label="Device">
                      <span className="strong">{device.identity.hostname}</span>
                      <br />
                      <span className="quiet small">{PLATFORM_NAMES[device.identity.platform]}</span>
                    </td>
                    <td data-label="Fingerprint">
                      <code>{device.fingerprint}</code>
                    </td>
                    <td data-label="Person">
                      {device.identity.person ?? <span className="quiet">not known</span>}
                    </td>
                    <td data-label="Model, serial">
                      {device.identity.model ?? <span className="quiet">model not known</span>}
                      <br />
                      <span className="quiet small mono">{device.identity.serial ?? 'serial not known'}</span>
                    </td>
                    <td data-label="From" className="mono">
                      {device.address}
                    </td>
                    <td data-label="Knocking for">
                      <Ago at={device.firstSeen} />
                    </td>
                    <td data-label="Decide" className="end">
                      <span className="line" style={{ justifyContent: 'flex-end', flexWrap: 'nowrap' }}>
                        <Button loading={busy === device.id} onClick={() => void decide(device, 'admit')}>
                          Admit
                        </Button>
                        <Button
                          variant="default"
                          disabled={busy === device.id}
                          onClick={() => void decide(device, 'reject')}
                        >
                          Refuse
                        </Button>
                      </span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}

const VALIDITY = [
  { value: '24', label: '1 day' },
  { value: '168', label: '7 days' },
  { value: '720', label: '30 days' },
  { value: '8760', label: '1 year' },
  { value: '', label: 'no end' },
];
const USES = [
  { value: '1', label: '1 device' },
  { value: '10', label: '10 devices' },
  { value: '100', label: '100 devices' },
  { value: '1000', label: '1,000 devices' },
  { value: '', label: 'any number' },
];

function NewToken({ done }: { done: (made: Made) => void }) {
  const console = useConsole();
  const [label, setLabel] = useState('');
  const [hours, setHours] = useState('168');
  const [uses, setUses] = useState('10');
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  return (
    <form
      className="form"
      onSubmit={event => {
        event.preventDefault();
        setBusy(true);
        void console
          .request<Made>('POST', 'enrolment/tokens', {
            label: label.trim(),
            validHours: hours === '' ? null : Number(hours),
            maxUses: uses === '' ? null : Number(uses),
          })
          .then(answer => {
            setBusy(false);
            setTrouble(answer.ok ? null : answer.trouble);
            if (!answer.ok) return;
            setLabel('');
            done(answer.value);
          });
      }}
    >
      <div className="form-row">
        <TextInput
          label="What it is for"
          placeholder="Berlin laptops, October"
          required
          withAsterisk={false}
          maxLength={100}
          className="grow"
          style={{ minWidth: 200, maxWidth: 360 }}
          value={label}
          onChange={event => setLabel(event.currentTarget.value)}
        />
        <NativeSelect
          label="Valid for"
          data={VALIDITY}
          value={hours}
          onChange={event => setHours(event.currentTarget.value)}
        />
        <NativeSelect
          label="Lets in"
          data={USES}
          value={uses}
          onChange={event => setUses(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy}>
          Create token
        </Button>
      </div>
      {trouble ? <TroubleNote trouble={trouble} /> : null}
    </form>
  );
}

/** Can the token still let somebody in; if not, why. */
function tokenState(token: EnrolmentToken, at: number): string {
  if (token.revokedAt !== null) return 'revoked';
  if (token.expiresAt !== null && token.expiresAt <= at) return 'expired';
  if (token.maxUses !== null && token.uses >= token.maxUses) return 'used up';
  return 'valid';
}

function Tokens({ tokens, reload }: { tokens: readonly EnrolmentToken[]; reload: () => void }) {
  const console = useConsole();
  const [asking, setAsking] = useState<string | null>(null);
  if (tokens.length === 0) {
    return (
      <Face title="No tokens yet">
        <p>Create one above. You then get the line that enrols a laptop with it.</p>
      </Face>
    );
  }
  const revoke = async (token: EnrolmentToken) => {
    const answer = await console.request('POST', `enrolment/tokens/${encodeURIComponent(token.id)}/revoke`);
    setAsking(null);
    if (answer.ok) {
      console.notify(`Token “${token.label}” lets nobody in any more. Devices it has let in stay.`);
      reload();
    } else console.notify(`${answer.trouble.title}. ${answer.trouble.next}`, 'trouble');
  };
  return (
    <div className="table-scroll">
      <table className="table cards">
        <thead>
          <tr>
            <th>For</th>
            <th>State</th>
            <th>Let in</th>
            <th>Ends</th>
            <th>Created</th>
            <th className="end">
              <span className="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map(token => {
            const state = tokenState(token, now());
            return (
              <tr key={token.id} className={state === 'valid' ? '' : 'off'}>
                <td data-label="For" className="strong">
                  {token.label}
                </td>
                <td data-label="State" className={state === 'valid' ? 'tone-well' : ''}>
                  {state}
                </td>
                <td data-label="Let in" className="num">
                  {count(token.uses)} of {token.maxUses === null ? 'any number' : count(token.maxUses)}
                </td>
                <td data-label="Ends" className="num">
                  {token.expiresAt === null ? 'no end' : dateTime(token.expiresAt)}
                </td>
                <td data-label="Created" className="num">
                  {dateTime(token.createdAt)} <span className="quiet">by {token.createdBy}</span>
                </td>
                <td data-label="Actions" className="end">
                  {state !== 'valid' ? null : asking === token.id ? (
                    <span className="line" style={{ justifyContent: 'flex-end', flexWrap: 'nowrap' }}>
                      <span className="quiet">Cannot be undone.</span>
                      <Button color="red.8" onClick={() => void revoke(token)}>
                        Revoke
                      </Button>
                      <Button variant="default" onClick={() => setAsking(null)}>
                        Keep
                      </Button>
                    </span>
                  ) : (
                    <Button
                      variant="default"
                      aria-label={`Revoke token ${token.label}`}
                      onClick={() => setAsking(token.id)}
                    >
                      Revoke
                    </Button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** The secret and the lines that use it; both are gone when this closes. */
function Install({ made, close }: { made: Made; close: () => void }) {
  const console = useConsole();
  const collector = useStore(console.collector);
  const asked = useAnswer<{ agentUrl: string }>(collector === null ? 'collector' : null);
  const url = collector?.agentUrl ?? asked.value?.agentUrl ?? null;
  return (
    <Modal
      opened
      onClose={close}
      size={720}
      title={`Token “${made.token.label}” is ready`}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className="stack-wide">
        <p className="note attention">
          This is the only time the secret is shown. Copy it now; the collector keeps only its hash and cannot
          show it again.
        </p>
        <SecretOnce label="Token" secret={made.secret} />
        {url === null ? (
          <WaitingLines what="the collector’s address" lines={3} />
        ) : (
          <div className="stack">
            <p className="strong">In a checkout of Trayline on the laptop, run</p>
            {INSTALL_SYSTEMS.map(system => {
              const line = installLine(system, url, made.secret);
              return (
                <div key={system} className="stack" style={{ gap: 4 }}>
                  <span className="quiet small">{system}</span>
                  <div className="secret">
                    <code>{line}</code>
                    <CopyButton text={line} label={`Copy the line for ${system}`} />
                  </div>
                </div>
              );
            })}
            <p className="quiet small">
              The device appears in the fleet within seconds. A token in a command line can be read by others
              on that machine; it is worth nothing once used up or revoked.
            </p>
          </div>
        )}
        <div>
          <Button onClick={close}>I have copied it</Button>
        </div>
      </div>
    </Modal>
  );
}
