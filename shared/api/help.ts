import { z } from 'zod';
import { helpAbout, helpAnswerText, helpState } from '../device/help.ts';

/* Shapes of the REST interface that are about what people at devices ask IT for. */

const time = z.number().int().describe('milliseconds since 1970-01-01 UTC');

export const helpRequest = z.object({
  /** Given by the device; unique there. */
  id: z.string(),
  device: z.string(),
  /** Name of the device now; null: it is not in the fleet any more. */
  deviceName: z.string().nullable(),
  /** Account that asked; null: it could not be told. */
  person: z.string().nullable(),
  text: z.string(),
  about: helpAbout.nullable(),
  /** When it was written at the device, which may have been offline. */
  askedAt: time,
  receivedAt: time,
  state: helpState,
  changedAt: time,
  /** `by` null: the person at the device. */
  steps: z.array(z.object({ state: helpState, at: time, by: z.string().nullable() })).readonly(),
  answer: z.object({ text: z.string(), by: z.string(), at: time }).nullable(),
});
export type HelpRequest = z.infer<typeof helpRequest>;

export const helpQuery = z.object({
  /** Those that are over instead of those that are not. */
  over: z.stringbool().default(false),
  limit: z.coerce.number().int().min(1).max(500).default(200),
  /** `next` of the page before. */
  after: z
    .string()
    .regex(/^\d{1,16}\.[^.]{1,64}\.[0-9a-f]{24}$/)
    .optional(),
});
export const helpResponse = z.object({
  requests: z.array(helpRequest),
  /** Pass as `after` for the next page; null on the last. */
  next: z.string().nullable(),
  /** How many of the whole fleet wait for IT. */
  waiting: z.number().int(),
});
export type HelpResponse = z.infer<typeof helpResponse>;

export const deviceHelpResponse = z.object({ requests: z.array(helpRequest) });
export type DeviceHelpResponse = z.infer<typeof deviceHelpResponse>;

/** What somebody of IT does with a request. */
export const helpMoveRequest = z.discriminatedUnion('do', [
  z.object({ do: z.literal('seen') }),
  z.object({ do: z.literal('answer'), answer: helpAnswerText }),
  /** With a last answer, or without. */
  z.object({ do: z.literal('close'), answer: helpAnswerText.optional() }),
]);
export type HelpMoveRequest = z.infer<typeof helpMoveRequest>;
