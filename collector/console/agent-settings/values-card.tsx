import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { COLLECTOR_SETTINGS, type CollectorSettingKey } from '../../../shared/device/agent-settings.ts';
import { count } from '../parts/format.ts';
import { SETTING_WORDS } from './change-words.ts';
import type { Desk } from './desk.ts';
import { type Draft, type Problems, SETTING_KEYS } from './draft.ts';

/** Numbers an administrator may set for all agents. */
export function ValuesCard({
  desk,
  draft,
  before,
  problems,
  tried,
}: {
  desk: Desk;
  draft: Draft;
  before: Draft;
  problems: Problems;
  tried: boolean;
}) {
  return (
    <section className="card stack" aria-labelledby="told-values">
      <h2 id="told-values">How often agents look, and what it may cost</h2>
      <p className="quiet">
        What is set here counts on every device, over its own file and over MDM. What is not set is the
        device’s own business.
      </p>
      <ul className="told-values">
        {SETTING_KEYS.map(key => (
          <ValueRow
            key={key}
            name={key}
            desk={desk}
            value={draft.values[key]}
            changed={draft.values[key].trim() !== before.values[key].trim()}
            problem={problems.get(`values.${key}`) ?? null}
            tried={tried}
          />
        ))}
      </ul>
    </section>
  );
}

function ValueRow({
  name,
  desk,
  value,
  changed,
  problem,
  tried,
}: {
  name: CollectorSettingKey;
  desk: Desk;
  value: string;
  changed: boolean;
  problem: string | null;
  tried: boolean;
}) {
  const [left, setLeft] = useState(false);
  const { min, max, fallback, sentence } = COLLECTOR_SETTINGS[name];
  const { title, unit } = SETTING_WORDS[name];
  const set = (next: string) => desk.edit(old => ({ ...old, values: { ...old.values, [name]: next } }));
  const about = `told-${name}-about`;
  return (
    <li className={changed ? 'changed' : ''}>
      <div className="told-about">
        <label className="strong" htmlFor={`told-${name}`}>
          {title}
        </label>
        {changed ? <span className="told-mark">changed</span> : null}
        <p id={about}>{sentence}</p>
      </div>
      <div className="told-input">
        <TextInput
          id={`told-${name}`}
          aria-describedby={about}
          inputMode="numeric"
          autoComplete="off"
          maxLength={9}
          placeholder={String(fallback)}
          value={value}
          error={problem !== null && (left || tried) ? problem : null}
          onChange={event => set(event.currentTarget.value)}
          onBlur={() => setLeft(true)}
        />
        <span className="told-unit">{unit}</span>
      </div>
      <p className="told-bounds quiet num">
        {value.trim() === '' ? 'Not set: ' : null}
        {count(fallback)} by default · {count(min)} to {count(max)}
      </p>
      <div className="told-reset">
        {value === '' ? null : (
          <Button
            variant="default"
            aria-label={`Reset to default: ${title}`}
            title={`Agents then use ${fallback} ${unit}, unless their own settings say otherwise`}
            onClick={() => set('')}
          >
            Reset to default
          </Button>
        )}
      </div>
    </li>
  );
}
