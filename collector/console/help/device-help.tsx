import { useEffect } from 'react';
import type { DeviceHelpResponse } from '../../../shared/api/schemas.ts';
import { TroubleNote } from '../parts/face.tsx';
import { useConsole } from '../state/console-state.ts';
import { useStore } from '../state/store.ts';
import { useAnswer } from '../state/use-answer.ts';
import { HelpItem } from './help-item.tsx';
import { isOver } from './help-words.ts';

/** What the people at this device ask IT for and is not over; takes no room where nothing is. */
export function DeviceHelp({ id }: { id: string }) {
  const console = useConsole();
  const news = useStore(console.helpNews);
  const { value, trouble, reload } = useAnswer<DeviceHelpResponse>(`devices/${encodeURIComponent(id)}/help`);
  useEffect(() => {
    if (news.device === id) reload();
  }, [news, id, reload]);
  if (trouble !== null) return <TroubleNote trouble={trouble} />;
  const open = value?.requests.filter(one => !isOver(one)) ?? [];
  if (open.length === 0) return null;
  return (
    <section className="card stack device-help" aria-labelledby="device-help">
      <h2 id="device-help">
        Asked from this device <span className="quiet num">({open.length})</span>
      </h2>
      <ul className="help-list">
        {open.map(one => (
          <HelpItem key={one.id} request={one} showDevice={false} changed={reload} />
        ))}
      </ul>
    </section>
  );
}
