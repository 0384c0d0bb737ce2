import { Popover } from '@mantine/core';
import { useState } from 'react';
import type { Claim, FieldKey, MergedField } from '../../../shared/device/device.ts';
import { FINDING_REASONS } from '../../../shared/device/finding.ts';
import { sentence } from '../../../shared/text/sentence.ts';
import { Ago, dateTime } from '../parts/ago.tsx';
import { LOCALE } from '../parts/locale.ts';
import { claimText, FACTS, SOURCE_NAMES } from './facts.ts';

/** A field in words, why it is unknown if it is. */
export function unknownWords({ source, reason }: Pick<Claim, 'source' | 'reason'>): string {
  const known = FINDING_REASONS.find(one => one === reason);
  const elsewhere = ELSEWHERE[reason ?? ''];
  // What stands in an agent's way has other words than what stands in another system's.
  if (elsewhere !== undefined && (source !== 'agent' || known === undefined)) return elsewhere;
  return known === undefined ? 'Could not be told' : sentence(LOCALE, `reason.${known}`);
}

/** Why another system's word on a fact is missing. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'not-told': 'Not told',
  'vendor-unknown': 'It does not know itself',
  'unknown-word': 'It says a word this version does not know',
  unreadable: 'Could not be read',
  'not-asked': 'Only told when asked for one device',
  'not-permitted': 'Our account there may not ask this',
  'too-old': 'Too old to go by',
  superseded: 'A newer record of the same account says otherwise',
};

/** A value with its unit, age and source; hover or focus opens where it came from. */
export function FactLine({
  name,
  field,
  isDisputed,
}: {
  name: FieldKey;
  field: MergedField;
  /** It cannot all be true what systems say of it. */
  isDisputed: boolean;
}) {
  const [open, setOpen] = useState(false);
  const text = claimText(name, field);
  const rivals = field.rivals?.filter(rival => rival.value !== null && claimText(name, rival) !== text) ?? [];
  return (
    <div className="fact">
      <dt>{FACTS[name].label}</dt>
      <dd className="line-apart" style={{ gap: '0 8px' }}>
        <Popover opened={open} position="bottom-start" withArrow>
          <Popover.Target>
            <button
              type="button"
              className={`fact-value ${text === null ? 'unknown-value' : ''}`}
              onMouseEnter={() => setOpen(true)}
              onMouseLeave={() => setOpen(false)}
              onFocus={() => setOpen(true)}
              onBlur={() => setOpen(false)}
              onKeyDown={event => {
                if (event.key === 'Escape') setOpen(false);
              }}
            >
              {text ?? '◌ not known'}
              {isDisputed ? <span className="tag tone-will-block">contradicted</span> : null}
            </button>
          </Popover.Target>
          <Popover.Dropdown>
            <dl className="from">
              <Provenance claim={field} name={name} />
              {rivals.map(rival => (
                <Rival
                  key={`${rival.source} ${rival.observedAt} ${rival.receivedAt}`}
                  claim={rival}
                  name={name}
                />
              ))}
            </dl>
          </Popover.Dropdown>
        </Popover>
        <span className="fact-from">
          <Ago at={field.observedAt} /> · {SOURCE_NAMES[field.source]}
        </span>
      </dd>
    </div>
  );
}

function Provenance({ claim, name }: { claim: Claim; name: FieldKey }) {
  return (
    <>
      <dt>Told by</dt>
      <dd>{SOURCE_NAMES[claim.source]}</dd>
      {claim.value === null ? (
        <>
          <dt>Not known</dt>
          <dd>{unknownWords(claim)}</dd>
        </>
      ) : null}
      <dt>True on</dt>
      <dd className="num">{dateTime(claim.observedAt)} (device’s clock)</dd>
      <dt>Heard</dt>
      <dd className="num">{dateTime(claim.receivedAt)} (collector’s clock)</dd>
      <dt>Field</dt>
      <dd>
        <code>{name}</code>
      </dd>
    </>
  );
}

function Rival({ claim, name }: { claim: Claim; name: FieldKey }) {
  return (
    <>
      <dt className="tone-will-block">But</dt>
      <dd>
        {SOURCE_NAMES[claim.source]} says <strong>{claimText(name, claim)}</strong>, true on{' '}
        {dateTime(claim.observedAt)}
      </dd>
    </>
  );
}
