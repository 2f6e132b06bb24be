/** What holds the group and batch charts, in one file. The quick and telling ones come first. */
import '../machines/group-plan.test.js';
import '../machines/group-ends.test.js';
import '../machines/group-rules.test.js';
import '../machines/group-cells.test.js';
import '../machines/batch-cells.test.js';
import '../machines/statuses.test.js';
import '../machines/paths.test.js';
import '../machines/batch-rules.test.js';
import '../machines/legal.test.js';
