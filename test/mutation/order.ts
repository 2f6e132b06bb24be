/** What holds the order table, in one file: Stryker loads it once per mutant. The quick and telling ones come first. */
import '../machines/order/message.test.js';
import '../machines/order/requests.test.js';
import '../machines/order/reports.test.js';
import '../machines/order/amended.test.js';
import '../machines/order/log.test.js';
import '../machines/order/step.test.js';
import '../machines/order/verdict.test.js';
import '../machines/order/table.test.js';
import '../machines/order/fix-cases.test.js';
import '../machines/order/standard-cases.test.js';
import '../machines/order/unknown.test.js';
import '../machines/order/executions.test.js';
import '../machines/order/properties.test.js';
import '../machines/order/cells.test.js';
