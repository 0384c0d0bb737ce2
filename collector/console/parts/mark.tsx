import type { DeviceState, Presence } from '../../../shared/device/device.ts';
import { sentence } from '../../../shared/text/sentence.ts';
import { LOCALE } from './locale.ts';

const SHAPES: Readonly<Record<DeviceState, React.ReactNode>> = {
  well: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  attention: <path d="M6 .8 11.6 11H.4Z" fill="currentColor" />,
  'will-block': <path d="M6 0 12 6 6 12 0 6Z" fill="currentColor" />,
  blocked: <rect x="1" y="1" width="10" height="10" fill="currentColor" />,
  unknown: (
    <circle
      cx="6"
      cy="6"
      r="4.6"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeDasharray="2.2 1.6"
    />
  ),
};

/** The state's shape alone; only beside its word. */
export function StateShape({ state, size = 12 }: { state: DeviceState; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 12 12" aria-hidden="true" className={`tone-${state}`}>
      {SHAPES[state]}
    </svg>
  );
}

/** A state as word and shape, then colour. */
export function StateMark({ state, size = 12 }: { state: DeviceState; size?: number }) {
  return (
    <span className={`mark tone-${state}`}>
      <StateShape state={state} size={size} />
      {sentence(LOCALE, `state.${state}`)}
    </span>
  );
}

const SIGNALS: Readonly<Record<Presence, React.ReactNode>> = {
  live: <circle cx="5" cy="5" r="4" fill="currentColor" />,
  stale: <circle cx="5" cy="5" r="3.4" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  silent: <path d="M1.5 1.5 8.5 8.5M8.5 1.5 1.5 8.5" stroke="currentColor" strokeWidth="1.6" />,
};

/** Is it talking to us: filled, hollow, crossed. */
export function PresenceShape({ presence }: { presence: Presence }) {
  return (
    <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" className={`tone-${presence}`}>
      {SIGNALS[presence]}
    </svg>
  );
}

export function presenceWord(presence: Presence): string {
  return sentence(LOCALE, `presence.${presence}`);
}
