import { MINUTE, SECOND } from '../base/durations.ts';

/** Every number of the protocol, each with its reason. Both sides read them here. */
export const LIMITS = {
  /**
   * Largest frame from a device, bytes. A full snapshot of all checks with 64 volumes, 64 drives and 20 processes is below
   * 64 KiB; four times that leaves room for the whole catalogue without letting one device buffer megabytes here.
   */
  frameBytes: 256 * 1024,
  /** Before the device has proved itself: a hello is below 4 KiB, and nobody unknown gets to make us hold more. */
  greetingFrameBytes: 16 * 1024,
  /** From socket open to a valid proof. Traffic does not extend it: a slow drip must not hold a place. */
  greetingMs: 10 * SECOND,
  /** Sequenced frames a device may have sent and not seen acknowledged: bounds its burst and our queue. */
  inFlight: 64,
  /**
   * Frames a second a device may send, sustained, and the burst above it. One-second live samples plus a full outbox
   * replaying behind them stay below; a runaway agent does not.
   */
  framesPerS: 200,
  frameBurst: 600,
  /**
   * Times a device may be let in within a minute. One that crashes and is restarted at once, or a poor radio, stays below; a loop
   * that greets and leaves would cost two signatures each time.
   */
  joinsPerMin: 60,
  /** Malformed frames on one connection before it is closed: a bug shows itself, a fuzzer does not get to stay. */
  badFrames: 20,
  /** Rows in one samples frame: ten minutes of one-second samples, or ten hours of one-minute ones. */
  sampleRows: 600,
  /** Events in one events frame. */
  eventRows: 200,
  /** Checks in one snapshot; the whole catalogue is below 100. */
  findings: 128,
  /** JSON bytes of one finding's value; the largest known (volumes) is below 24 KiB. */
  findingBytes: 64 * 1024,
  /** Server pings this often; two missed pongs end the connection. NATs drop idle TCP after 5 minutes or less (RFC 5382). */
  pingMs: 45 * SECOND,
  /** Samples are sent this often when nobody watches, and this often while somebody does. */
  sampleMs: MINUTE,
  watchSampleMs: SECOND,
  /** A watch ends by itself unless renewed, so that a closed laptop lid does not leave a device at the high rate. */
  watchMs: 30 * SECOND,
  /** A device that has said nothing for this long is stale (two missed sample rounds and their jitter), then silent. */
  staleMs: 150 * SECOND,
  silentMs: 7 * 24 * 60 * MINUTE,
  /** Sockets that have not proved themselves, all together: above it new ones are sent away with a slot. */
  greetingSockets: 1024,
  /** The same from one address: a company behind one gateway needs a few dozen at once, one machine must not take all places. */
  greetingPerAddress: 256,
  /** A greeting younger than this counts as work of ours, an older one as the other side's; an honest one takes some ten milliseconds. */
  greetingPressingMs: 300,
  /** Characters of what a person asks IT for: room for a careful description, and little enough to be read at the desk. */
  helpTextChars: 1000,
  /** Characters of an answer: a few steps in words. Longer instructions are a link. */
  helpAnswerChars: 2000,
  /**
   * Requests of one device that may wait for IT at once. Several people of a shared device fit in; more would only push the
   * first ones out of sight.
   */
  helpOpen: 10,
  /** New requests of one device in a day: withdrawing and asking again must not fill the store. */
  helpPerDay: 30,
  /** Requests a device remembers, and asks about when it connects. */
  helpKept: 50,
  /** Requests in one frame to a device: with the longest answers, every character escaped, still below `frameBytes`. */
  helpRows: 10,
  /** Bytes a console may be behind before its changes are coalesced instead of queued. */
  consoleBacklogBytes: 1024 * 1024,
} as const;
