import { Button } from '@mantine/core';
import { useState } from 'react';
import type { z } from 'zod';
import type {
  Integration,
  IntegrationAccount,
  IntegrationCheckLine,
  integrationRunResponse,
  integrationTestResponse,
} from '../../../shared/api/integrations.ts';
import { Ago, dateTime } from '../parts/ago.tsx';
import { CopyButton } from '../parts/copy.tsx';
import { TypedConfirmation } from '../parts/dialogs.tsx';
import { TroubleNote } from '../parts/face.tsx';
import { count } from '../parts/format.ts';
import { StateShape } from '../parts/mark.tsx';
import type { Trouble } from '../source/source.ts';
import { useConsole } from '../state/console-state.ts';
import { now } from '../time.ts';
import { AccountForm } from './account-form.tsx';
import { isTroubled, plural, runWords, STATES } from './words.ts';

type Tested = z.infer<typeof integrationTestResponse>;
type Started = z.infer<typeof integrationRunResponse>;

/** How one account stands, what it last told, and what can be done about it. */
export function AccountCard({
  integration,
  account,
  reload,
}: {
  integration: Integration;
  account: IntegrationAccount;
  reload: () => void;
}) {
  const console = useConsole();
  const [busy, setBusy] = useState<'test' | 'run' | null>(null);
  const [dialog, setDialog] = useState<'change' | 'remove' | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [tested, setTested] = useState<{ at: number; lines: readonly IntegrationCheckLine[] } | null>(null);
  const path = `integrations/${integration.id}/accounts/${account.account}`;
  const { word, shape } = STATES[account.state];
  const noticeUrl = account.noticePath === null ? null : new URL(account.noticePath, location.origin).href;
  const check = tested !== null && tested.at > (account.lastCheck?.at ?? 0) ? tested : account.lastCheck;

  const ask = async <Value,>(what: 'test' | 'run', body?: object): Promise<Value | null> => {
    setBusy(what);
    const answer = await console.request<Value>('POST', `${path}/${what}`, body);
    setBusy(null);
    setTrouble(answer.ok ? null : answer.trouble);
    if (answer.ok) reload();
    return answer.ok ? answer.value : null;
  };
  const test = async () => {
    const answer = await ask<Tested>('test');
    if (answer !== null) setTested({ at: now(), lines: answer.lines });
  };
  const run = async () => {
    const answer = await ask<Started>('run', { everything: true });
    if (answer !== null)
      console.notify(
        answer.started
          ? `${account.label} is being read.`
          : `${account.label} was being read already; what is missing comes with the next run.`,
      );
  };

  return (
    <article className="account stack" aria-label={`${integration.title}: ${account.label}`}>
      <div className="line-apart">
        <div className="line">
          <h3>{account.label}</h3>
          <code className="quiet">{account.account}</code>
          {account.demo ? <span className="tag">demo</span> : null}
          <span className={`mark tone-${shape}`}>
            <StateShape state={shape} />
            {word}
          </span>
        </div>
        {console.may('admin') ? (
          <div className="line">
            <Button
              variant="default"
              loading={busy === 'test'}
              aria-label={`Test ${account.label}`}
              onClick={() => void test()}
            >
              Test
            </Button>
            {integration.source === null ? null : (
              <Button
                variant="default"
                loading={busy === 'run'}
                disabled={account.running !== null}
                aria-label={`Read now: ${account.label}`}
                onClick={() => void run()}
              >
                Read now
              </Button>
            )}
            <Button
              variant={account.state === 'reconnect' ? 'filled' : 'default'}
              aria-label={`${account.state === 'reconnect' ? 'Reconnect' : 'Change'} ${account.label}`}
              onClick={() => setDialog('change')}
            >
              {account.state === 'reconnect' ? 'Reconnect' : 'Change'}
            </Button>
            <Button
              variant="default"
              aria-label={`Disconnect ${account.label}`}
              onClick={() => setDialog('remove')}
            >
              Disconnect
            </Button>
          </div>
        ) : null}
      </div>
      {account.problem !== null && isTroubled(account) ? (
        <div className={`note ${account.state === 'configured' ? 'attention' : 'trouble'}`}>
          <p>
            <strong>{account.problem.what}</strong> {account.problem.next}
          </p>
          <p className="quiet small wrap">
            {account.problem.detail === '' ? null : <>In the vendor’s words: “{account.problem.detail}” </>}
            Since {dateTime(account.problem.since)}, last seen <Ago at={account.problem.at} /> ago.
            {account.state === 'configured' ? ' It will be tried again by itself.' : ''}
          </p>
        </div>
      ) : null}
      {trouble ? <TroubleNote trouble={trouble} /> : null}
      <dl className="figures small">
        {account.records === null ? null : (
          <div>
            <dt>records</dt>
            <dd className="num">{count(account.records)}</dd>
          </div>
        )}
        <div>
          <dt>last worked</dt>
          <dd>
            <Ago at={account.workedAt} />
          </dd>
        </div>
        {integration.source === null ? null : (
          <div>
            <dt>all read</dt>
            <dd>
              <Ago at={account.fullAt} />
            </dd>
          </div>
        )}
        <div>
          <dt>asked to wait</dt>
          <dd className="num">
            {account.throttled === null ? (
              'never'
            ) : (
              <>
                {account.throttled.times > 0 ? `${count(account.throttled.times)}×, ` : ''}
                <Ago at={account.throttled.at} />
              </>
            )}
          </dd>
        </div>
      </dl>
      {account.running !== null ? (
        <p role="status">
          Being read for <Ago at={account.running.since} />: {plural(account.running.observed, 'record')} so
          far.
        </p>
      ) : account.lastRun === null ? (
        integration.source === null ? null : (
          <p className="quiet">Not read yet.</p>
        )
      ) : (
        <p className="quiet">
          {runWords(account.lastRun)} <Ago at={account.lastRun.endedAt} /> ago.
          {account.lastRun.skipped > 0
            ? ` ${plural(account.lastRun.skipped, 'record')} could not be read; what was known of them stays.`
            : ''}
        </p>
      )}
      {account.lastRun !== null && account.lastRun.doubted > 0 ? (
        <p className="note attention">
          <strong>{plural(account.lastRun.doubted, 'record')} missing at once.</strong> They are kept until a
          second complete run says the same: a narrowed right or filter there looks just like that.
        </p>
      ) : null}
      {check === null ? null : <CheckLines at={check.at} lines={check.lines} />}
      {noticeUrl === null ? null : (
        <p className="quiet small line">
          Where the vendor may call: <code className="wrap">{noticeUrl}</code>
          <CopyButton text={noticeUrl} label="Copy the address for calls" />
        </p>
      )}
      {dialog === 'change' ? (
        <AccountForm
          integration={integration}
          account={account}
          close={() => setDialog(null)}
          saved={reload}
        />
      ) : null}
      {dialog === 'remove' ? (
        <TypedConfirmation
          title={`Disconnect ${account.label}?`}
          name={account.label}
          action="Disconnect"
          close={() => setDialog(null)}
          run={async () => {
            const answer = await console.request('DELETE', path);
            if (!answer.ok) return answer.trouble;
            console.notify(`${account.label} is disconnected.`);
            reload();
            return null;
          }}
        >
          <p>
            {integration.title} is not asked any more for <strong>{account.label}</strong>. At once and for
            good:
          </p>
          <ul style={{ paddingLeft: 20 }}>
            <li>
              {plural(account.records ?? 0, 'record')} of it and everything only they say of devices are
              forgotten
            </li>
            <li>devices without an agent that nobody else knows leave the fleet</li>
            <li>its secrets are deleted here; nothing changes at the vendor</li>
          </ul>
        </TypedConfirmation>
      ) : null}
    </article>
  );
}

const OUTCOMES = {
  ok: { shape: 'well', word: 'ok' },
  failed: { shape: 'blocked', word: 'failed' },
  unknown: { shape: 'unknown', word: 'could not be told' },
} as const;

/** What a test found, right by right, in the vendor's words. */
export function CheckLines({ at, lines }: { at: number; lines: readonly IntegrationCheckLine[] }) {
  return (
    <div className="stack" style={{ gap: 4 }}>
      <p className="quiet small">
        Tested <Ago at={at} /> ago
      </p>
      <ul className="check-lines">
        {lines.map(line => {
          const { shape, word } = OUTCOMES[line.outcome];
          return (
            <li key={line.what}>
              <span className={`mark tone-${shape}`}>
                <StateShape state={shape} />
                {word}
              </span>
              <span className="wrap">
                <span className="strong">{line.what}</span>
                {line.detail === null ? null : <span className="quiet"> {line.detail}</span>}
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
