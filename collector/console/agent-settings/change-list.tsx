import { changeWords } from './change-words.ts';
import type { Change } from './draft.ts';

/** Changes as before → after, one under the other. */
export function ChangeList({ changes }: { changes: readonly Change[] }) {
  return (
    <ul className="told-changes">
      {changes.map(change => {
        const { title, what, before, after } = changeWords(change);
        return (
          <li key={change.unit}>
            <p>
              <span className="strong">{title}</span> <span className="told-mark">{what}</span>
            </p>
            {before === null ? null : (
              <p className="wrap quiet">
                <span className="sr">Before: </span>
                <span className="told-side" aria-hidden="true">
                  −
                </span>
                {before}
              </p>
            )}
            {after === null ? null : (
              <p className="wrap">
                <span className="sr">After: </span>
                <span className="told-side" aria-hidden="true">
                  +
                </span>
                {after}
              </p>
            )}
          </li>
        );
      })}
    </ul>
  );
}
