/** DispositionEnvelope: what a component asks the event bus to do next. PUBLISH names the event. */
import { z } from 'zod';
import { Disposition } from './enums.js';
import { upperSnake } from './primitives.js';
import { dto, jsonObject, optional } from './structure.js';

export const DispositionEnvelopeSchema = dto(
  'DispositionEnvelope',
  { disposition: z.enum(Disposition), event_name: optional(upperSnake), event_payload: optional(jsonObject) },
  (envelope, issue) => {
    if (envelope.disposition === 'PUBLISH' && envelope.event_name == null) {
      issue(['event_name'], 'PUBLISH requires event_name');
    }
  },
);
export type DispositionEnvelope = z.output<typeof DispositionEnvelopeSchema>;
export type DispositionEnvelopeInput = z.input<typeof DispositionEnvelopeSchema>;
