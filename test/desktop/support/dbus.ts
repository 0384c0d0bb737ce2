import { connect, type Socket } from 'node:net';

/*
 * As much of the D-Bus wire protocol as a service on a test's session bus needs (D-Bus Specification 0.42, "Message
 * Protocol" and "Authentication Protocol"). `gdbus` can call and listen but not answer.
 */

/** A value of a message: by its type a number, text, boolean, list, or (variant) `{ signature, value }`. */
export type Value =
  | number
  | bigint
  | string
  | boolean
  | readonly Value[]
  | { readonly signature: string; readonly value: Value };

const KINDS = { call: 1, answer: 2, error: 3, signal: 4 } as const;
const FIELDS = { path: 1, face: 2, member: 3, error: 4, answers: 5, to: 6, from: 7, signature: 8 } as const;

export interface Message {
  readonly kind: number;
  readonly serial: number;
  readonly path: string;
  /** The interface. */
  readonly face: string;
  readonly member: string;
  readonly from: string;
  /** Serial of the call that this answers; 0: none. */
  readonly answers: number;
  readonly body: readonly Value[];
}

/** The single complete types of a signature: `sa{sv}i` → `s`, `a{sv}`, `i`. */
function typesOf(signature: string): string[] {
  const types: string[] = [];
  let at = 0;
  const skip = (): void => {
    const letter = signature[at];
    at += 1;
    if (letter === 'a') skip();
    else if (letter === '(' || letter === '{') {
      while (signature[at] !== ')' && signature[at] !== '}') skip();
      at += 1;
    }
  };
  while (at < signature.length) {
    const from = at;
    skip();
    types.push(signature.slice(from, at));
  }
  return types;
}

const ALIGNMENT: Readonly<Record<string, number>> = {
  ...{ y: 1, g: 1, v: 1, n: 2, q: 2, b: 4, i: 4, u: 4, s: 4, o: 4, a: 4, h: 4 },
  ...{ x: 8, t: 8, d: 8, '(': 8, '{': 8 },
};
const alignmentOf = (type: string): number => ALIGNMENT[type[0] ?? ''] ?? 1;

class Writer {
  #parts: Buffer[] = [];
  size = 0;

  bytes(part: Buffer): void {
    this.#parts.push(part);
    this.size += part.length;
  }

  align(to: number): void {
    this.bytes(Buffer.alloc((to - (this.size % to)) % to));
  }

  u32(value: number): void {
    this.align(4);
    const four = Buffer.alloc(4);
    four.writeUInt32LE(value);
    this.bytes(four);
  }

  value(type: string, value: Value): void {
    switch (type.charAt(0)) {
      case 'y':
        this.bytes(Buffer.from([Number(value)]));
        return;
      case 'u':
      case 'b':
        this.u32(Number(value));
        return;
      case 'i': {
        this.align(4);
        const four = Buffer.alloc(4);
        four.writeInt32LE(Number(value));
        this.bytes(four);
        return;
      }
      case 's':
      case 'o': {
        const text = Buffer.from(String(value));
        this.u32(text.length);
        this.bytes(text);
        this.bytes(Buffer.from([0]));
        return;
      }
      case 'g': {
        const text = Buffer.from(String(value));
        this.bytes(Buffer.from([text.length]));
        this.bytes(text);
        this.bytes(Buffer.from([0]));
        return;
      }
      case 'v': {
        const { signature, value: inner } = value as { signature: string; value: Value };
        this.value('g', signature);
        this.value(signature, inner);
        return;
      }
      case 'a': {
        const each = type.slice(1);
        const inner = new Writer();
        // Alignment counts from the start of the message; the length leaves the padding before the first element out.
        this.u32(0);
        const length = this.#parts.at(-1);
        this.align(alignmentOf(each));
        inner.size = this.size;
        for (const one of value as readonly Value[]) inner.value(each, one);
        length?.writeUInt32LE(inner.size - this.size);
        for (const part of inner.#parts) this.bytes(part);
        return;
      }
      case '(':
      case '{': {
        this.align(8);
        const inner = value as readonly Value[];
        for (const [n, each] of typesOf(type.slice(1, -1)).entries()) this.value(each, inner[n] ?? '');
        return;
      }
      default:
        throw new Error(`no writer for ${type}`);
    }
  }

  whole(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

class Reader {
  readonly #from: Buffer;
  at = 0;

  constructor(from: Buffer) {
    this.#from = from;
  }

  align(to: number): void {
    this.at += (to - (this.at % to)) % to;
  }

  #take(size: number): Buffer {
    this.align(Math.min(size, 8));
    const part = this.#from.subarray(this.at, this.at + size);
    this.at += size;
    return part;
  }

  #text(length: number): string {
    const text = this.#from.toString('utf8', this.at, this.at + length);
    this.at += length + 1;
    return text;
  }

  value(type: string): Value {
    switch (type.charAt(0)) {
      case 'y':
        return this.#take(1).readUInt8();
      case 'n':
        return this.#take(2).readInt16LE();
      case 'q':
        return this.#take(2).readUInt16LE();
      case 'b':
        return this.#take(4).readUInt32LE() === 1;
      case 'i':
        return this.#take(4).readInt32LE();
      case 'u':
      case 'h':
        return this.#take(4).readUInt32LE();
      case 'x':
        return this.#take(8).readBigInt64LE();
      case 't':
        return this.#take(8).readBigUInt64LE();
      case 'd':
        return this.#take(8).readDoubleLE();
      case 's':
      case 'o':
        return this.#text(this.#take(4).readUInt32LE());
      case 'g':
        return this.#text(this.#take(1).readUInt8());
      case 'v': {
        const signature = String(this.value('g'));
        return { signature, value: this.value(signature) };
      }
      case 'a': {
        const length = this.#take(4).readUInt32LE();
        const each = type.slice(1);
        this.align(alignmentOf(each));
        const end = this.at + length;
        const all: Value[] = [];
        while (this.at < end) all.push(this.value(each));
        return all;
      }
      case '(':
      case '{':
        this.align(8);
        return typesOf(type.slice(1, -1)).map(each => this.value(each));
      default:
        throw new Error(`no reader for ${type}`);
    }
  }
}

/** The first whole message of what has arrived, and how many bytes it takes; null: not all of it is there yet. */
function messageOf(bytes: Buffer): { message: Message; size: number } | null {
  if (bytes.length < 16) return null;
  if (bytes[0] !== 0x6c) throw new Error('a message in big-endian order');
  const fields = bytes.readUInt32LE(12);
  const head = 16 + fields + ((8 - (fields % 8)) % 8);
  const size = head + bytes.readUInt32LE(4);
  if (bytes.length < size) return null;
  const reader = new Reader(bytes.subarray(0, size));
  reader.at = 12;
  const known = new Map<number, Value>();
  for (const one of reader.value('a(yv)') as readonly [number, { value: Value }][])
    known.set(one[0], one[1].value);
  const text = (field: number): string => String(known.get(field) ?? '');
  reader.at = head;
  return {
    size,
    message: {
      kind: bytes[1] ?? 0,
      serial: bytes.readUInt32LE(8),
      path: text(FIELDS.path),
      face: text(FIELDS.face),
      member: text(FIELDS.member),
      from: text(FIELDS.from),
      answers: Number(known.get(FIELDS.answers) ?? 0),
      body: typesOf(text(FIELDS.signature)).map(type => reader.value(type)),
    },
  };
}

/** An answer's types with its values. */
export interface Body {
  readonly signature: string;
  readonly values: readonly Value[];
}

/** A program on the bus that answers calls. */
export class BusService {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #serial = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /**
   * Connects to the bus at `address` and takes `name`. `answer` gives what a call to it is answered with; null: there is no
   * such method.
   *
   * @throws when the bus does not let us in or somebody has the name already
   */
  static async open(
    address: string,
    name: string,
    answer: (message: Message) => Body | null,
  ): Promise<BusService> {
    const path = /unix:(?:[^;]*,)?path=([^,;]+)/.exec(address)?.[1];
    const hidden = /unix:(?:[^;]*,)?abstract=([^,;]+)/.exec(address)?.[1];
    const socket = connect(path ?? `\0${hidden ?? ''}`);
    const service = new BusService(socket);
    await service.#enter();
    let received: Buffer = Buffer.alloc(0);
    socket.on('data', (part: Buffer) => {
      received = Buffer.concat([received, part]);
      for (let next = messageOf(received); next !== null; next = messageOf(received)) {
        received = received.subarray(next.size);
        service.#take(next.message, answer);
      }
    });
    const bus = { to: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', face: 'org.freedesktop.DBus' };
    await service.#call({ ...bus, member: 'Hello' });
    // Flag 4: do not wait in a queue for the name.
    const taken = await service.#call(
      { ...bus, member: 'RequestName' },
      { signature: 'su', values: [name, 4] },
    );
    if (taken.body[0] !== 1) throw new Error(`${name} is taken on this bus`);
    return service;
  }

  signal(path: string, face: string, member: string, body: Body): void {
    this.#send(KINDS.signal, { path, face, member }, body);
  }

  close(): void {
    this.#socket.destroy();
  }

  async #enter(): Promise<void> {
    const said = new Promise<string>((resolve, reject) => {
      this.#socket.once('data', (part: Buffer) => resolve(part.toString('latin1')));
      this.#socket.once('error', reject);
      this.#socket.once('close', () => reject(new Error('the bus closed the connection')));
    });
    const account = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex');
    this.#socket.write(`\0AUTH EXTERNAL ${account}\r\n`);
    if (!(await said).startsWith('OK ')) throw new Error('the bus does not let us in');
    this.#socket.on('error', () => undefined);
    this.#socket.write('BEGIN\r\n');
  }

  #take(message: Message, answer: (message: Message) => Body | null): void {
    if (message.kind === KINDS.answer || message.kind === KINDS.error) {
      this.#waiting.get(message.answers)?.(message);
      this.#waiting.delete(message.answers);
    }
    if (message.kind !== KINDS.call) return;
    const body = answer(message);
    const head = { to: message.from, answers: message.serial };
    if (body !== null) this.#send(KINDS.answer, head, body);
    else this.#send(KINDS.error, { ...head, error: 'org.freedesktop.DBus.Error.UnknownMethod' });
  }

  #call(
    head: { to: string; path: string; face: string; member: string },
    body: Body = { signature: '', values: [] },
  ): Promise<Message> {
    return new Promise(resolve => {
      this.#waiting.set(this.#send(KINDS.call, head, body), resolve);
    });
  }

  #send(
    kind: number,
    head: { to?: string; path?: string; face?: string; member?: string; error?: string; answers?: number },
    { signature, values }: Body = { signature: '', values: [] },
  ): number {
    this.#serial += 1;
    const body = new Writer();
    for (const [n, type] of typesOf(signature).entries()) body.value(type, values[n] ?? '');
    const fields: Value[] = [];
    const add = (field: number, type: string, value: Value | undefined): void => {
      if (value !== undefined && value !== '') fields.push([field, { signature: type, value }]);
    };
    add(FIELDS.path, 'o', head.path);
    add(FIELDS.face, 's', head.face);
    add(FIELDS.member, 's', head.member);
    add(FIELDS.error, 's', head.error);
    add(FIELDS.answers, 'u', head.answers);
    add(FIELDS.to, 's', head.to);
    add(FIELDS.signature, 'g', signature);
    const whole = new Writer();
    whole.bytes(Buffer.from([0x6c, kind, 0, 1]));
    whole.u32(body.size);
    whole.u32(this.#serial);
    whole.value('a(yv)', fields);
    whole.align(8);
    whole.bytes(body.whole());
    this.#socket.write(whole.whole());
    return this.#serial;
  }
}
