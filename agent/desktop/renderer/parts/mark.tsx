import type { DeviceState } from '../../../../shared/device/device.ts';
import { useWords } from './words.ts';

/** The same five shapes as in the console and in the tray's icon. */
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
export function StateShape({ state, size = 14 }: { state: DeviceState; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 12 12"
      aria-hidden="true"
      focusable="false"
      className={`shape tone-${state}`}
    >
      {SHAPES[state]}
    </svg>
  );
}

/** A state as word and shape, then colour. */
export function StateMark({ state }: { state: DeviceState }) {
  const { say } = useWords();
  return (
    <span className={`mark tone-${state}`}>
      <StateShape state={state} />
      {say(`state.${state}`)}
    </span>
  );
}
