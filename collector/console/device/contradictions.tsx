import type { Contradiction } from '../../../shared/device/contradiction.ts';
import type { Source } from '../../../shared/device/device.ts';
import { Ago } from '../parts/ago.tsx';
import { FACTS, SOURCE_NAMES } from './facts.ts';

const WEIGHTS = { high: 'tone-blocked', medium: 'tone-will-block', low: 'tone-attention' } as const;

/** What systems say of a device that cannot all be true; nothing where nothing is. */
export function Contradictions({
  contradictions,
  children,
}: {
  contradictions: readonly Contradiction[];
  /** Where to go on. */
  children?: React.ReactNode;
}) {
  if (contradictions.length === 0) return null;
  return (
    <section className="card stack" aria-labelledby="contradictions">
      <h2 id="contradictions">
        {contradictions.length === 1
          ? 'One thing cannot be true as it is told'
          : `${contradictions.length} things cannot be true as they are told`}
      </h2>
      <ul className="contradictions">
        {contradictions.map(({ rule, weight, title, sides }) => (
          <li key={rule}>
            <p className={`strong ${WEIGHTS[weight]}`}>
              {title} <span className="quiet small">{weight}</span>
            </p>
            <p className="sides">
              {sides.map(side => (
                <span key={`${side.source} ${side.field} ${side.observedAt}`}>
                  {sourceName(side.source)} says {FACTS[side.field].label.toLowerCase()}:{' '}
                  <strong>{side.value === null ? 'not known' : FACTS[side.field].format(side.value)}</strong>{' '}
                  <span className="quiet small">
                    <Ago at={side.observedAt} />
                  </span>
                </span>
              ))}
            </p>
          </li>
        ))}
      </ul>
      <p className="quiet small">
        Nothing is averaged away: which side is wrong is for a person to find out. {children}
      </p>
    </section>
  );
}

/** Most of them that are told in one line each; the others are counted. */
const LINES = 3;

/** The most urgent of them in a line each, and the way to who says what. */
export function ContradictionLines({
  contradictions,
  open,
}: {
  contradictions: readonly Contradiction[];
  open: () => void;
}) {
  if (contradictions.length === 0) return null;
  const more = contradictions.length - LINES;
  return (
    <div className="stack" style={{ gap: 2 }}>
      {contradictions.slice(0, LINES).map(({ rule, weight, title }) => (
        <p key={rule} className={WEIGHTS[weight]}>
          {title}
        </p>
      ))}
      <p>
        <button type="button" className="linkish" onClick={open}>
          Who says what{more > 0 ? `, and ${more} more` : ''}
        </button>
      </p>
    </div>
  );
}

function sourceName(source: Source): string {
  return source === 'agent' ? 'The agent' : SOURCE_NAMES[source];
}
