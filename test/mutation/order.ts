/** What holds the order table, in one file: Stryker loads it once per mutant. The quick and telling ones come first. */
import '../machines/order/fix-cases.test.js';
import '../machines/order/standard-cases.test.js';
import '../machines/order/unknown.test.js';
import '../machines/order/executions.test.js';
import '../machines/order/properties.test.js';
