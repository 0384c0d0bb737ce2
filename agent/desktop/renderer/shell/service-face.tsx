import { IconPlugConnectedX } from '@tabler/icons-react';
import { Face } from '../parts/face.tsx';
import { useWords } from '../parts/words.ts';
import { useFacts } from '../state/desk-state.ts';

/** Nothing can be known, because the part that knows does not answer. */
export function ServiceFace() {
  const { say } = useWords();
  const service = useFacts().info?.service;
  return (
    <>
      <h1 tabIndex={-1}>
        {service === 'connecting' ? say('page.connecting') : say('tray.state.no-service')}
      </h1>
      <div className="card" role="status">
        <Face icon={<IconPlugConnectedX size={28} stroke={1.6} />}>
          {service === 'version-unsupported' ? (
            <p>{say('page.no-service.old')}</p>
          ) : (
            <>
              <p>{say('page.no-service.text')}</p>
              <p>{say('page.no-service.next')}</p>
            </>
          )}
        </Face>
      </div>
    </>
  );
}
