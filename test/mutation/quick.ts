/** What holds the quick way through the charts to the charts. */
import '../machines/quick.test.js';
