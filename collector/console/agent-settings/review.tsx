import { Button, Modal } from '@mantine/core';
import { TroubleNote } from '../parts/face.tsx';
import { count } from '../parts/format.ts';
import type { Trouble } from '../source/source.ts';
import { ChangeList } from './change-list.tsx';
import type { Change } from './draft.ts';

/** Everything that is about to be told, read once more before it is. */
export function Review({
  changes,
  connected,
  saving,
  trouble,
  save,
  close,
}: {
  changes: readonly Change[];
  connected: number;
  saving: boolean;
  trouble: Trouble | null;
  save: () => void;
  close: () => void;
}) {
  const lost = changes.filter(({ is, before }) => is === 'removed' && before?.of === 'subject').length;
  return (
    <Modal
      opened
      onClose={close}
      size={720}
      title={
        changes.length === 1
          ? 'What changes for every agent'
          : `${count(changes.length)} changes for every agent`
      }
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className="stack-wide">
        <ChangeList changes={changes} />
        {lost > 0 ? (
          <p className="note attention">
            Rules that name what is removed get no answer any more: they are “not known”, not “no”.
          </p>
        ) : null}
        <p>
          {connected === 0
            ? 'No agent is connected now; each is told when it connects.'
            : `${connected === 1 ? 'The connected agent is' : `The ${count(connected)} connected agents are`} told at once, the others when they connect.`}{' '}
          <span className="quiet">It is written to the audit record in your name.</span>
        </p>
        {trouble ? <TroubleNote trouble={trouble} /> : null}
        <div className="line">
          <Button loading={saving} onClick={save} data-autofocus>
            Save and tell the agents
          </Button>
          <Button variant="default" onClick={close}>
            Go on editing
          </Button>
        </div>
      </div>
    </Modal>
  );
}
