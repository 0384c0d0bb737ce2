import type { DeviceResponse } from '../../../shared/api/schemas.ts';
import { FIELD_KEYS, SOURCES } from '../../../shared/device/device.ts';
import type { DeviceIdentity } from '../../../shared/device/identity.ts';
import { normaliseMac, normaliseSerial, normaliseUuid } from '../../../shared/device/identity.ts';
import { Ago, dateTime } from '../parts/ago.tsx';
import { CopyButton } from '../parts/copy.tsx';
import { Face } from '../parts/face.tsx';
import { count } from '../parts/format.ts';
import { Link } from '../parts/link.tsx';
import { FactLine, unknownWords } from './fact.tsx';
import { claimText, FACT_GROUPS, FACTS, SOURCE_NAMES } from './facts.ts';

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
  return (
    <div className="facts">
      {groups.map(group => (
        <section key={group.title} className="card" aria-label={group.title}>
          <h2 style={{ marginBottom: 4 }}>{group.title}</h2>
          <dl>
            {group.fields.map(({ key, field }) => (
              <FactLine key={key} name={key} field={field} />
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

/** Who says what: one row per fact, one column per system; and what the device calls itself. */
export function SourcesTab({ device }: { device: DeviceResponse }) {
  const seen = new Set<string>();
  for (const field of Object.values(device.record)) {
    seen.add(field.source);
    for (const rival of field.rivals ?? []) seen.add(rival.source);
  }
  const sources = SOURCES.filter(source => seen.has(source));
  const keys = FIELD_KEYS.filter(key => device.record[key] !== undefined);
  return (
    <div className="stack-wide">
      {device.duplicates.length > 0 ? (
        <section className="card stack" aria-labelledby="twice">
          <h2 id="twice" className="tone-will-block">
            Another device says it is the same machine
          </h2>
          <p>
            One of them is probably a clone or a restored copy. Enrol one of them again, so that each has its
            own key.
          </p>
          <ul style={{ listStyle: 'none' }}>
            {device.duplicates.map(twin => (
              <li key={twin.id}>
                <Link to={`/devices/${twin.id}`}>{twin.name}</Link>{' '}
                <span className="quiet">has the same {twin.same.map(identifierName).join(', ')}</span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <section className="card" aria-labelledby="identifiers">
        <h2 id="identifiers">Identifiers</h2>
        <div className="table-scroll">
          <table className="table cards">
            <thead>
              <tr>
                <th>What</th>
                <th>As the device says it</th>
                <th>As it is matched</th>
              </tr>
            </thead>
            <tbody>
              {identifiers(device.identity).map(([name, said, matched]) => (
                <tr key={name}>
                  <td data-label="What">{name}</td>
                  <td data-label="As the device says it" className="mono wrap">
                    {said ?? <span className="quiet">not known</span>}
                  </td>
                  <td data-label="As it is matched" className="mono wrap">
                    {matched ?? (
                      <span className="quiet">
                        not used: {said === null ? 'not known' : 'shared by many machines'}
                      </span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <section className="card" aria-labelledby="says">
        <h2 id="says">Who says what</h2>
        <div className="table-scroll">
          <table className="table">
            <thead>
              <tr>
                <th>Fact</th>
                {sources.map(source => (
                  <th key={source}>{SOURCE_NAMES[source]}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {keys.map(key => {
                const field = device.record[key];
                if (!field) return null;
                const claims = [field, ...(field.rivals ?? [])];
                return (
                  <tr key={key}>
                    <td>{FACTS[key].label}</td>
                    {sources.map(source => {
                      const claim = claims.find(one => one.source === source);
                      if (!claim)
                        return (
                          <td key={source} className="quiet">
                            –
                          </td>
                        );
                      const text = claimText(key, claim);
                      const differs = claim !== field && text !== null && text !== claimText(key, field);
                      return (
                        <td key={source} className="wrap">
                          <span className={claim === field ? 'strong' : differs ? 'tone-will-block' : ''}>
                            {text ?? `◌ ${unknownWords(claim.reason)}`}
                          </span>
                          {differs ? <span className="tag tone-will-block">contradicts</span> : null}{' '}
                          <span className="quiet small">
                            <Ago at={claim.observedAt} />
                          </span>
                        </td>
                      );
                    })}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
        <p className="quiet small" style={{ marginTop: 8 }}>
          Bold is what counts. Ages are since the value was true, by the source’s clock.
        </p>
      </section>
      <section className="card" aria-labelledby="enrolled">
        <h2 id="enrolled">Enrolment</h2>
        <p>
          Let in on {dateTime(device.enrolledAt)} by {device.enrolledBy}. Agent{' '}
          {device.agentVersion ?? 'version not known'}
          {device.arch === null ? '' : ` for ${device.arch}`}.{' '}
          {device.clockSkewMs === null
            ? 'Its clock has not been compared yet.'
            : `Its clock is ${Math.abs(Math.round(device.clockSkewMs))} ms ${device.clockSkewMs >= 0 ? 'ahead of' : 'behind'} the collector’s.`}
        </p>
      </section>
    </div>
  );
}

function identifierName(id: string): string {
  return (
    { serial: 'serial number', hardwareUuid: 'hardware UUID', machineId: 'machine id', macs: 'MAC address' }[
      id
    ] ?? id
  );
}

function identifiers(identity: DeviceIdentity): [string, string | null, string | null][] {
  const macs = identity.macs.map(mac => normaliseMac(mac)).filter(mac => mac !== null);
  return [
    ['Serial number', identity.serial, normaliseSerial(identity.serial)],
    ['Hardware UUID', identity.hardwareUuid, normaliseUuid(identity.hardwareUuid)],
    ['Machine id (hashed)', identity.machineId, identity.machineId],
    [
      'MAC addresses',
      identity.macs.length === 0 ? null : identity.macs.join(', '),
      macs.length === 0 ? null : macs.join(', '),
    ],
    ['Host name', identity.hostname, identity.hostname],
  ];
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
