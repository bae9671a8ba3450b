import { memoryStore } from '../../../src/search/stores/memory/memoryStore.ts';
import { conformance } from './conformance.ts';

conformance('the memory store', { store: memoryStore, location: () => 'memory:tests', runs: 10 });
