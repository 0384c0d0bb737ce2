import { IconChevronDown, IconEye } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { checkName, findingWords } from '../../../../shared/text/finding-words.ts';
import type { About, Privacy } from '../../contract.ts';
import { Known } from '../parts/face.tsx';
import { useTimes, useWords } from '../parts/words.ts';
import { useFacts } from '../state/desk-state.ts';
import { size, span } from '../time.ts';

/** Every check with its last answer, what leaves the device, who looked, what happened. */
export function PrivacyPage() {
  const { privacy, about } = useFacts();
  const { say } = useWords();
  return (
    <>
      <h1 tabIndex={-1}>{say('page.privacy')}</h1>
      <p>{say('privacy.lead')}</p>
      <Known part={privacy} lines={8}>
        {value => (
          <>
            <Looks views={value.views} />
            <Sent sent={value.sent} />
            <Checks checks={value.checks} settings={about.state === 'known' ? about.value.settings : []} />
            <Journal journal={value.journal} />
          </>
        )}
      </Known>
    </>
  );
}

/** A part that opens and closes; the browser's own element brings keyboard and names. */
export function Fold({
  title,
  note,
  open = false,
  children,
}: {
  title: string;
  note?: string;
  open?: boolean;
  children: ReactNode;
}) {
  return (
    <details className="card fold" open={open}>
      <summary>
        <span className="grow">
          <h2>{title}</h2>
          {note === undefined ? null : <span className="small quiet">{note}</span>}
        </span>
        <IconChevronDown size={20} stroke={1.8} aria-hidden="true" />
      </summary>
      <div className="fold-body">{children}</div>
    </details>
  );
}

function Looks({ views }: { views: Privacy['views'] }) {
  const { say, clock } = useWords();
  const { when } = useTimes();
  return (
    <Fold title={say('privacy.looks')} open>
      {views.length === 0 ? (
        <p>{say('privacy.looks.none')}</p>
      ) : (
        <ul className="plain-list rows">
          {views.map(({ name, since, until }) => (
            <li key={`${name} ${since}`}>
              <p className="line strong">
                {until === null ? <IconEye size={18} stroke={1.8} aria-hidden="true" /> : null}
                <span>{name}</span>
              </p>
              <p className="small quiet">
                {until === null
                  ? say('privacy.looks.now', { when: when(since) })
                  : say('privacy.looks.was', {
                      from: when(since),
                      to:
                        new Date(since).toDateString() === new Date(until).toDateString()
                          ? clock(until)
                          : when(until),
                    })}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Fold>
  );
}

function Sent({ sent: { collector, waiting, waitingBytes, storedAt } }: { sent: Privacy['sent'] }) {
  const { say, locale } = useWords();
  const { when } = useTimes();
  return (
    <Fold title={say('privacy.sent')} open>
      <div className="stack-tight">
        <p>{say('privacy.sent.what')}</p>
        <dl className="facts">
          <dt>{say('privacy.sent.to')}</dt>
          <dd className="wrap">{collector}</dd>
          <dt>{say('privacy.sent.stored')}</dt>
          <dd>{storedAt === null ? say('privacy.sent.never') : when(storedAt)}</dd>
          <dt>{say('privacy.sent.waiting')}</dt>
          <dd>
            {waiting === 0
              ? say('privacy.sent.none')
              : say('privacy.sent.reports', { count: waiting, size: size(locale, waitingBytes) })}
          </dd>
        </dl>
      </div>
    </Fold>
  );
}

const CADENCE = {
  cheap: ['sampleSeconds', 'second'],
  posture: ['postureMinutes', 'minute'],
  heavy: ['heavyHours', 'hour'],
} as const;

function Checks({ checks, settings }: { checks: Privacy['checks']; settings: About['settings'] }) {
  const { say, locale } = useWords();
  const { ago } = useTimes();
  const named = checks
    .map(check => ({ ...check, name: checkName(locale, check.id) }))
    .sort((a, b) => a.name.localeCompare(b.name, locale));
  return (
    <Fold title={say('privacy.checks')} note={say('privacy.checks.count', { count: checks.length })}>
      {checks.length === 0 ? <p>{say('privacy.checks.none')}</p> : null}
      <ul className="plain-list rows">
        {named.map(({ id, name, finding, cost, sentAt }) => {
          const [key, unit] = CADENCE[cost];
          const every = settings.find(row => row.key === key)?.value;
          const asked = finding === null ? null : say('privacy.check.asked', { ago: ago(finding.at) });
          const often =
            typeof every === 'number'
              ? say('privacy.check.every', { span: span(locale, every, unit) })
              : null;
          return (
            <li key={id}>
              <p className="strong">{name}</p>
              <p className={finding?.status === 'ok' ? 'wrap' : 'quiet wrap'}>
                {finding === null ? say('privacy.check.never') : findingWords(locale, id, finding)}
              </p>
              <p className="small quiet">{[asked, often].filter(text => text !== null).join(', ')}</p>
              <p className="small quiet">
                {sentAt === null
                  ? say('privacy.check.unsent')
                  : say('privacy.check.sent', { ago: ago(sentAt) })}
              </p>
            </li>
          );
        })}
      </ul>
    </Fold>
  );
}

function Journal({ journal }: { journal: Privacy['journal'] }) {
  const { say, told } = useWords();
  const { when } = useTimes();
  return (
    <Fold title={say('privacy.log')} note={say('privacy.log.what')}>
      {journal.length === 0 ? (
        <p>{say('privacy.log.none')}</p>
      ) : (
        <ul className="plain-list rows">
          {journal.map(({ at, what, about }) => (
            <li key={`${at} ${what.key} ${about?.key ?? ''}`}>
              <p>
                {told(what)}
                {about === null ? '' : `: ${told(about)}`}
              </p>
              <p className="small quiet">{when(at)}</p>
            </li>
          ))}
        </ul>
      )}
    </Fold>
  );
}
