import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Integration, IntegrationsResponse } from '../../../shared/api/integrations.ts';
import { SECOND } from '../../../shared/base/durations.ts';
import { Face, TroubleFace, WaitingLines } from '../parts/face.tsx';
import { count } from '../parts/format.ts';
import { Link } from '../parts/link.tsx';
import { StateShape } from '../parts/mark.tsx';
import { useConsole } from '../state/console-state.ts';
import { usePlace } from '../state/place.ts';
import { useAnswer } from '../state/use-answer.ts';
import { AccountCard } from './account-card.tsx';
import { AccountForm } from './account-form.tsx';
import { cadenceWords, inOrder, isTroubled, plural, STATES } from './words.ts';

const POLL_MS = 15 * SECOND;
/** While something is being read its numbers move. */
const BUSY_POLL_MS = 2 * SECOND;

/** Which systems do we know our devices from, and does one of them need me? */
export function IntegrationsPage() {
  const { value, trouble, reload } = useAnswer<IntegrationsResponse>('integrations');
  const isBusy = value?.integrations.some(({ accounts }) =>
    accounts.some(({ running, lastRun, lastCheck }) => running !== null || (lastRun ?? lastCheck) === null),
  );
  useEffect(() => {
    const timer = setInterval(reload, isBusy === true ? BUSY_POLL_MS : POLL_MS);
    return () => clearInterval(timer);
  }, [reload, isBusy]);

  return (
    <div className="page-pad stack-wide integrations">
      <div className="line-apart">
        <h1>Integrations</h1>
        <nav className="line" aria-label="More about integrations">
          <Link to="/integrations/matches" className="chip">
            Matches
            {value === null ? null : <span className="num">{count(value.issues)}</span>}
          </Link>
          <Link to="/integrations/believed" className="chip">
            Who is believed
          </Link>
        </nav>
      </div>
      {value === null ? (
        trouble ? (
          <TroubleFace trouble={trouble} retry={reload} />
        ) : (
          <section className="card">
            <WaitingLines what="the integrations" lines={10} />
          </section>
        )
      ) : value.integrations.length === 0 ? (
        <Face title="This version knows no other systems">
          <p>A newer collector may. Nothing is wrong with this one.</p>
        </Face>
      ) : (
        <>
          <Summary value={value} />
          {inOrder(value.integrations).map(integration => (
            <Connector key={integration.id} integration={integration} reload={reload} />
          ))}
        </>
      )}
    </div>
  );
}

function Summary({ value: { integrations, devices, issues } }: { value: IntegrationsResponse }) {
  const connected = integrations.filter(({ accounts }) => accounts.length > 0).length;
  const accounts = integrations.flatMap(one => one.accounts);
  const troubled = accounts.filter(isTroubled).length;
  const isDemo = accounts.some(({ demo }) => demo);
  return (
    <section className="card stack" aria-label="In short">
      <p className="lead">
        {connected === 0
          ? 'No other system is connected: everything known here comes from the agents.'
          : troubled === 0
            ? `${connected} of ${integrations.length} systems are connected, and all of them work.`
            : `${connected} of ${integrations.length} systems are connected; ${plural(troubled, 'account')} ${troubled === 1 ? 'has' : 'have'} a problem.`}
      </p>
      {connected === 0 ? null : (
        <dl className="figures">
          <Figure name="known here and elsewhere" value={devices.joined} />
          <Figure name="known elsewhere, without an agent" value={devices.lone} params={{ q: 'agent:no' }} />
          <Figure
            name="contradicted between systems"
            value={devices.contradicted}
            params={{ q: 'contradictions:yes' }}
          />
          <Figure name="phones and others, not listed" value={devices.notComputers + devices.systemUnknown} />
          <Figure name="matches to look at" value={issues} to="/integrations/matches" />
        </dl>
      )}
      {isDemo ? (
        <p className="note attention">
          <strong>Demo.</strong> Accounts marked so ask made-up vendors on this machine. Their devices, people
          and problems are invented; no account with a real vendor is needed or used.
        </p>
      ) : null}
    </section>
  );
}

function Figure({
  name,
  value,
  to = '/',
  params,
}: {
  name: string;
  value: number;
  /** Where what is counted is listed: this page, or the fleet filtered so. */
  to?: string;
  params?: Readonly<Record<string, string>>;
}) {
  const isListed = to !== '/' || params !== undefined;
  return (
    <div>
      <dt>{name}</dt>
      <dd className="num">
        {isListed && value > 0 ? (
          <Link to={to} {...(params === undefined ? {} : { params })}>
            {count(value)}
          </Link>
        ) : (
          count(value)
        )}
      </dd>
    </div>
  );
}

function Connector({ integration, reload }: { integration: Integration; reload: () => void }) {
  const console = useConsole();
  const { params, setParams } = usePlace();
  const { id, title, summary, state, withIssues, accounts, maxAccounts } = integration;
  const [isConnecting, setConnecting] = useState(false);
  const isOpen = params.get('open') === id;
  const { word, shape } = STATES[state];
  const mayAdd = console.may('admin') && accounts.length < maxAccounts;
  return (
    <section className="card stack connector" aria-labelledby={`c-${id}`}>
      <div className="line-apart connector-head">
        <div className="stack" style={{ gap: 2 }}>
          <div className="line">
            <h2 id={`c-${id}`}>{title}</h2>
            <span className={`mark strong tone-${shape}`}>
              <StateShape state={shape} />
              {word}
            </span>
            {withIssues > 0 && state === 'configured' ? (
              <span className="quiet small">
                {withIssues} of {plural(accounts.length, 'account')} with a problem
              </span>
            ) : null}
          </div>
          <p className="quiet">{summary}</p>
        </div>
        <div className="line">
          <Button
            variant="subtle"
            color="gray"
            aria-expanded={isOpen}
            aria-controls={`about-${id}`}
            aria-label={`${isOpen ? 'Less about' : 'What it needs:'} ${title}`}
            onClick={() => setParams({ open: isOpen ? null : id })}
          >
            {isOpen ? 'Less' : 'What it needs'}
          </Button>
          {mayAdd ? (
            <Button
              variant={accounts.length === 0 ? 'filled' : 'default'}
              aria-label={`${accounts.length === 0 ? 'Connect' : 'Connect another'} ${title}`}
              onClick={() => setConnecting(true)}
            >
              {accounts.length === 0 ? 'Connect' : 'Connect another'}
            </Button>
          ) : null}
        </div>
      </div>
      {isOpen ? <About integration={integration} /> : null}
      {accounts.map(account => (
        <AccountCard key={account.account} integration={integration} account={account} reload={reload} />
      ))}
      {isConnecting ? (
        <AccountForm
          integration={integration}
          account={null}
          close={() => setConnecting(false)}
          saved={reload}
        />
      ) : null}
    </section>
  );
}

function About({ integration }: { integration: Integration }) {
  const { id, scopes, operations, settings } = integration;
  return (
    <div id={`about-${id}`} className="stack about">
      <p>{cadenceWords(integration)}</p>
      <div className="about-columns">
        <div>
          <h3>What is entered</h3>
          <dl>
            {settings.map(setting => (
              <div key={setting.key}>
                <dt>
                  {setting.title}
                  {setting.isRequired ? '' : <span className="quiet"> optional</span>}
                </dt>
                <dd className="quiet">{setting.hint}</dd>
              </div>
            ))}
          </dl>
        </div>
        <div>
          <h3>Rights to grant there</h3>
          <dl>
            {scopes.map(scope => (
              <div key={scope.name}>
                <dt>
                  <code>{scope.name}</code>
                  {scope.neededTo === 'act' ? <span className="quiet"> for actions only</span> : null}
                </dt>
                <dd className="quiet">{scope.why}</dd>
              </div>
            ))}
          </dl>
          {operations.length === 0 ? null : (
            <>
              <h3>What can be done through it</h3>
              <p className="quiet">
                {operations
                  .map(({ title, isDestructive }) => `${title}${isDestructive ? ' (loses data)' : ''}`)
                  .join(', ')}
              </p>
            </>
          )}
        </div>
      </div>
    </div>
  );
}
