/** What holds the send gate: orders that go out, stop, wait and are taken back. The quick and telling ones come first. */
import '../actors/gate.test.js';
import '../actors/sends.test.js';
import '../actors/holds.test.js';
import '../actors/gateway.test.js';
import '../runtime/order-truth.test.js';
import '../runtime/unknown.test.js';
import '../runtime/operators.test.js';
import '../runtime/amend.test.js';
import '../runtime/modes.test.js';
import '../runtime/coordinated.test.js';
import '../runtime/coordinated-unwind.test.js';
import '../runtime/protection.test.js';
import '../runtime/protection-venue.test.js';
import '../runtime/protection-kill.test.js';
import '../runtime/escalation.test.js';
