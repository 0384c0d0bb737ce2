import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ProblemCode } from '../shared/problem/codes.ts';
import type { FromDevice } from '../shared/protocol/from-device.ts';

/** Half a millisecond to ten seconds: a commit on an SSD is around 1 ms, on a laptop disk up to 100 ms. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type Metrics = ReturnType<typeof createMetrics>;

/** What the collector counts, in the Prometheus text format. `process` adds CPU, memory and event loop of the process. */
export function createMetrics(options: { version: string; process: boolean }) {
  const registry = new Registry();
  const registers = [registry];
  if (options.process) collectDefaultMetrics({ register: registry, prefix: 'trayline_' });

  const framesIn = new Counter({
    name: 'trayline_frames_received_total',
    help: 'Frames received from devices, by type.',
    labelNames: ['type'] as const,
    registers,
  });
  const problems = new Counter({
    name: 'trayline_problems_total',
    help: 'Problems told to a device, a page or a program, by catalogue code and where.',
    labelNames: ['code', 'where'] as const,
    registers,
  });
  const commits = new Counter({
    name: 'trayline_commits_total',
    help: 'Store transactions of device frames, by result.',
    labelNames: ['result'] as const,
    registers,
  });
  const commitSeconds = new Histogram({
    name: 'trayline_commit_seconds',
    help: 'Time one store transaction of device frames takes.',
    buckets: SECONDS,
    registers,
  });
  const commitFrames = new Histogram({
    name: 'trayline_commit_frames',
    help: 'Frames stored by one transaction.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000],
    registers,
  });
  const ackSeconds = new Histogram({
    name: 'trayline_ack_seconds',
    help: 'From receiving a frame to sending its acknowledgement.',
    buckets: SECONDS,
    registers,
  });
  const devices = new Gauge({
    name: 'trayline_devices_connected',
    help: 'Devices connected now.',
    registers,
  });
  const consoles = new Gauge({
    name: 'trayline_consoles_connected',
    help: 'Console pages connected now.',
    registers,
  });
  const collectors = new Gauge({
    name: 'trayline_collectors',
    help: 'Collectors at work on this database, this one included.',
    registers,
  });
  const lease = new Gauge({
    name: 'trayline_lease_held',
    help: '1 while this collector may take devices in; 0 while it cannot say that it lives.',
    registers,
  });
  const busLag = new Histogram({
    name: 'trayline_bus_lag_seconds',
    help: 'From storing a message of another collector to reading it here.',
    buckets: SECONDS,
    registers,
  });
  const requests = new Counter({
    name: 'trayline_http_requests_total',
    help: 'HTTP requests answered, by method, route and status.',
    labelNames: ['method', 'route', 'status'] as const,
    registers,
  });
  const requestSeconds = new Histogram({
    name: 'trayline_http_request_seconds',
    help: 'Time an HTTP request takes, by route.',
    labelNames: ['route'] as const,
    buckets: SECONDS,
    registers,
  });
  new Gauge({
    name: 'trayline_build_info',
    help: 'Always 1; the version is in the label.',
    labelNames: ['version'] as const,
    registers,
  }).set({ version: options.version }, 1);

  return {
    frameReceived: (type: FromDevice['type'] | 'unreadable') => framesIn.inc({ type }),
    problem: (code: ProblemCode, where: 'device' | 'console' | 'http') => problems.inc({ code, where }),
    /** One store transaction: how long it took and how many frames it stored. */
    committed: (seconds: number, frames: number) => {
      commits.inc({ result: 'stored' });
      commitSeconds.observe(seconds);
      commitFrames.observe(frames);
    },
    commitFailed: () => commits.inc({ result: 'failed' }),
    acknowledged: (seconds: number) => ackSeconds.observe(seconds),
    devicesConnected: (count: number) => devices.set(count),
    collectorsSeen: (count: number) => collectors.set(count),
    leaseHeld: (isHeld: boolean) => lease.set(isHeld ? 1 : 0),
    busLagged: (seconds: number) => busLag.observe(seconds),
    consolesConnected: (count: number) => consoles.set(count),
    /** `route` is the declared path, never the address as requested: labels stay few and say nothing about anybody. */
    requestAnswered: (method: string, route: string, status: number, seconds: number) => {
      requests.inc({ method, route, status });
      requestSeconds.observe({ route }, seconds);
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
