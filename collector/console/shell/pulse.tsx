import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Ago } from '../parts/ago.tsx';
import { count } from '../parts/format.ts';
import { PresenceShape } from '../parts/mark.tsx';
import { useConsole } from '../state/console-state.ts';
import { useStore } from '../state/store.ts';
import { now } from '../time.ts';

/** The collector's state in words. */
export function Pulse() {
  const console = useConsole();
  const link = useStore(console.link);
  const collector = useStore(console.collector);
  if (link.is === 'connecting') {
    return (
      <div className="pulse">
        <PresenceShape presence="stale" />
        <span className="pulse-words">Connecting to the collector</span>
      </div>
    );
  }
  if (link.is !== 'open') {
    return (
      <div className="pulse offline">
        <PresenceShape presence="silent" />
        <span className="pulse-words">
          {link.is === 'too-old' ? 'Page too old for this collector' : 'Not connected'}
        </span>
      </div>
    );
  }
  return (
    <div className="pulse">
      <PresenceShape presence="live" />
      <span className="pulse-words num">
        {collector === null ? (
          'Connected'
        ) : (
          <>
            {count(collector.devices.live)} devices live · {count(collector.messagesPerS)} messages/s · last
            word {collector.lastMessageAt === null ? 'not yet' : <Ago at={collector.lastMessageAt} />}
            {collector.lastMessageAt === null ? '' : ' ago'}
          </>
        )}
      </span>
    </div>
  );
}

/** Across the page while the collector is away: since when, when it is tried again, and that nothing here is new. */
export function LinkBand() {
  const console = useConsole();
  const link = useStore(console.link);
  const [, tick] = useState(0);
  useEffect(() => {
    if (link.is !== 'offline') return;
    const timer = setInterval(() => tick(old => old + 1), 1000);
    return () => clearInterval(timer);
  }, [link.is]);
  if (link.is === 'too-old') {
    return (
      <div className="band blocked" role="alert">
        <span className="grow">
          <strong>This page is older than the collector.</strong> Nothing here is updated any more. Reload it
          to get the matching version.
        </span>
        <Button onClick={() => location.reload()}>Reload the page</Button>
      </div>
    );
  }
  if (link.is !== 'offline') return null;
  const seconds = Math.max(0, Math.ceil((link.retryAt - now()) / 1000));
  return (
    <div className="band blocked">
      <span className="grow" role="status">
        <strong>
          Not connected since <Ago at={link.since} />.
        </strong>{' '}
        {link.why} What you see is from before.
      </span>
      <span className="num quiet" aria-hidden="true">
        next try in {seconds} s
      </span>
      <Button variant="default" onClick={() => console.retryLink()}>
        Try now
      </Button>
    </div>
  );
}
