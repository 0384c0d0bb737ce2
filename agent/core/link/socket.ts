/** One WebSocket connection as the link sees it. */
export interface Socket {
  send(text: string): void;
  /** Asks the other side for a sign of life. */
  ping(): void;
  /** Closes politely; `closed` follows. */
  close(code: number): void;
  /** Ends at once; `closed` follows. */
  drop(): void;
  /** Bytes given to `send` that the system has not taken yet. */
  readonly backlog: number;
}

export interface SocketEvents {
  opened(): void;
  received(text: string): void;
  /** A ping or pong came: the other side lives. */
  alive(): void;
  /** Exactly once, also when the connection never opened. `retryAfterMs`: the HTTP answer's Retry-After. */
  closed(code: number, detail: string, retryAfterMs?: number): void;
}

/** Starts connecting; never throws, events come later. */
export type SocketFactory = (url: string, events: SocketEvents) => Socket;
