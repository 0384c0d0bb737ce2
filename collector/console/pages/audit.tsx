import { Button, TextInput } from '@mantine/core';
import { IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { AuditResponse } from '../../../shared/api/schemas.ts';
import type { AuditAction, AuditEntry } from '../../../shared/audit/entry.ts';
import { Ago, dateTime } from '../parts/ago.tsx';
import { Face, TroubleFace, TroubleNote, WaitingLines } from '../parts/face.tsx';
import { count, humanise } from '../parts/format.ts';
import { Link } from '../parts/link.tsx';
import type { Trouble } from '../source/source.ts';
import { useConsole } from '../state/console-state.ts';
import { usePlace } from '../state/place.ts';
import { useAnswer } from '../state/use-answer.ts';

const PAGE = 100;

/** What was done, as a sentence that follows the name of who did it. */
const DID: Readonly<Record<AuditAction, string>> = {
  'collector.started': 'started',
  'collector.stopped': 'stopped',
  'person.created': 'added a person',
  'person.changed': 'changed a person',
  'person.signed-in': 'signed in',
  'person.sign-in-failed': 'failed to sign in',
  'person.locked': 'was locked out',
  'person.signed-out': 'signed out',
  'person.password-changed': 'changed a password',
  'api-token.created': 'created an API token',
  'api-token.revoked': 'revoked an API token',
  'enrolment-token.created': 'created an enrolment token',
  'enrolment-token.revoked': 'revoked an enrolment token',
  'device.enrolled': 'was enrolled',
  'device.waiting': 'asked to be admitted',
  'device.admitted': 'admitted a device',
  'device.rejected': 'refused a device',
  'device.revoked': 'revoked a device',
  'device.restored': 'restored a device',
  'device.duplicate-identity': 'found two devices with the same identity',
  'device.cloned-key': 'found one key on two machines',
  'device.viewed': 'looked at a device live',
  'device.scan-requested': 'asked a device for a scan',
  'help.seen': 'marked a request as seen',
  'help.answered': 'answered a request',
  'help.closed': 'closed a request',
  'agent-settings.changed': 'changed what agents are told',
  'integration.added': 'connected a system',
  'integration.changed': 'changed the account of a system',
  'integration.removed': 'disconnected a system',
  'integration.tested': 'tested the account of a system',
  'integration.run-requested': 'had a system read now',
  'match.decided': 'decided which records are one device',
  'match.decision-removed': 'took back which records are one device',
  'precedence.changed': 'changed which system is believed',
};

/** Who did what, when; and whether anybody has changed this record since. */
export function AuditPage() {
  const console = useConsole();
  const { params, setParams } = usePlace();
  const subject = params.get('subject') ?? '';
  const path = `audit?limit=${PAGE}${subject === '' ? '' : `&subject=${encodeURIComponent(subject)}`}`;
  const first = useAnswer<AuditResponse>(path);
  const [older, setOlder] = useState<readonly AuditEntry[]>([]);
  const [busy, setBusy] = useState(false);
  const [end, setEnd] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another subject is another list
  useEffect(() => {
    setOlder([]);
    setEnd(false);
  }, [path]);

  const entries = [...(first.value?.entries ?? []), ...older];
  const more = async () => {
    const last = entries.at(-1);
    if (!last) return;
    setBusy(true);
    const answer = await console.request<AuditResponse>('GET', `${path}&before=${last.n}`);
    setBusy(false);
    setTrouble(answer.ok ? null : answer.trouble);
    if (!answer.ok) return;
    setOlder(old => [...old, ...answer.value.entries]);
    setEnd(answer.value.entries.length < PAGE);
  };
  return (
    <div className="page-pad stack-wide">
      <div className="line-apart">
        <h1>Audit</h1>
        <TextInput
          aria-label="Only entries about"
          placeholder="Only about: device id, user name"
          value={subject}
          style={{ width: 280 }}
          onChange={event => setParams({ subject: event.currentTarget.value })}
        />
      </div>
      {first.value === null ? (
        first.trouble ? (
          <TroubleFace trouble={first.trouble} retry={first.reload} />
        ) : (
          <section className="card">
            <WaitingLines what="the audit" lines={12} />
          </section>
        )
      ) : (
        <>
          {first.value.verified ? (
            <p className="note done line">
              <IconShieldCheck size={18} aria-hidden="true" className="tone-well" />
              <span>
                <strong>Unbroken.</strong> Each entry carries the hash of the one before it, and the collector
                has checked that they fit.
              </span>
            </p>
          ) : (
            <p className="note trouble line" role="alert">
              <IconShieldX size={18} aria-hidden="true" className="tone-blocked" />
              <span>
                <strong>The chain is broken.</strong> An entry was changed or removed outside the collector.
                Keep a copy of the data folder and compare it with a backup before anything else.
              </span>
            </p>
          )}
          <section className="card">
            {entries.length === 0 ? (
              <Face title={subject === '' ? 'Nothing has been recorded yet' : 'Nothing about this'}>
                <p>
                  {subject === ''
                    ? 'Entries appear as soon as somebody does something.'
                    : 'Check the id, or clear the field to see everything.'}
                </p>
              </Face>
            ) : (
              <div className="table-scroll">
                <table className="table cards">
                  <thead>
                    <tr>
                      <th className="right">No.</th>
                      <th>When</th>
                      <th>Who</th>
                      <th>Did what</th>
                      <th>About</th>
                      <th>With</th>
                      <th>Hash</th>
                    </tr>
                  </thead>
                  <tbody>
                    {entries.map(entry => (
                      <AuditLine key={entry.n} entry={entry} />
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </section>
          {trouble ? <TroubleNote trouble={trouble} /> : null}
          {entries.length >= PAGE && !end ? (
            <div className="line">
              <Button variant="default" loading={busy} onClick={() => void more()}>
                Older entries
              </Button>
              <span className="quiet num">{count(entries.length)} shown</span>
            </div>
          ) : null}
        </>
      )}
    </div>
  );
}

function AuditLine({ entry }: { entry: AuditEntry }) {
  const console = useConsole();
  const isDevice = entry.action.startsWith('device.') && entry.subject !== null;
  return (
    <tr>
      <td data-label="No." className="right num quiet">
        {entry.n}
      </td>
      <td data-label="When" className="num" style={{ whiteSpace: 'nowrap' }}>
        {dateTime(entry.at)}{' '}
        <span className="quiet">
          (<Ago at={entry.at} /> ago)
        </span>
      </td>
      <td data-label="Who">
        {entry.actor.name}{' '}
        {entry.actor.kind === 'person' || entry.actor.kind === 'collector' ? null : (
          <span className="quiet">{humanise(entry.actor.kind).toLowerCase()}</span>
        )}
      </td>
      <td data-label="Did what">{DID[entry.action] ?? humanise(entry.action)}</td>
      <td data-label="About" className="wrap">
        {isDevice && entry.subject !== null ? (
          <Link to={`/devices/${entry.subject}`}>
            {console.fleet.get(entry.subject)?.name ?? entry.subject}
          </Link>
        ) : (
          (entry.subject ?? '')
        )}
      </td>
      <td data-label="With" className="wrap quiet">
        {Object.entries(entry.data)
          .filter(([, value]) => value !== null)
          .map(
            ([key, value]) =>
              `${humanise(key).toLowerCase()} ${value === true ? 'yes' : value === false ? 'no' : value}`,
          )
          .join(', ')}
      </td>
      <td data-label="Hash">
        <code title={entry.hash} className="quiet">
          {entry.hash.slice(0, 8)}
        </code>
      </td>
    </tr>
  );
}
