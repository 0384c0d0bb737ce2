import type { DeviceResponse } from '../../../shared/api/schemas.ts';
import { contradictionsOf } from '../../../shared/device/contradiction.ts';
import { CopyButton } from '../parts/copy.tsx';
import { Face } from '../parts/face.tsx';
import { count } from '../parts/format.ts';
import { FactLine } from './fact.tsx';
import { FACT_GROUPS } from './facts.ts';

/** Every merged fact with its unit, age and source. */
export function OverviewTab({ device }: { device: DeviceResponse }) {
  const groups = FACT_GROUPS.map(group => ({
    ...group,
    fields: group.keys.flatMap(key => {
      const field = device.record[key];
      return field ? [{ key, field }] : [];
    }),
  })).filter(group => group.fields.length > 0);
  if (groups.length === 0) {
    return (
      <Face title="Nothing is known yet">
        <p>
          The device has been let in and has not sent its first snapshot. That takes a few seconds once it is
          connected.
        </p>
      </Face>
    );
  }
  const disputed = new Set(
    contradictionsOf(device.record).flatMap(({ sides }) => sides.map(({ field }) => field)),
  );
  return (
    <div className="facts">
      {groups.map(group => (
        <section key={group.title} className="card" aria-label={group.title}>
          <h2 style={{ marginBottom: 4 }}>{group.title}</h2>
          <dl>
            {group.fields.map(({ key, field }) => (
              <FactLine key={key} name={key} field={field} isDisputed={disputed.has(key)} />
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

/** The merged record as the collector holds it, for a ticket or a program. */
export function RawTab({ device }: { device: DeviceResponse }) {
  const text = JSON.stringify(device, null, 2);
  return (
    <section className="card stack" aria-labelledby="raw">
      <div className="line-apart">
        <h2 id="raw">Record as JSON</h2>
        <span className="line quiet small">
          {count(text.length)} characters
          <CopyButton text={text} label="Copy the record" />
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling text must be reachable with the keyboard */}
      <pre className="raw" tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}
