// Writes more pictures than are compared one by one, and closes: a process with nothing else to do. ADDRESS
import { createPostgresStore } from '../../../src/search/stores/postgres/postgresStore.ts';
import { file, model } from './changes.ts';

const [address = ''] = process.argv.slice(2);
const collection = await createPostgresStore(20).open(address, { name: 'photos', create: true });
const { id } = await collection.addModel(model(1));
const changes = Array.from({ length: 40 }, (_, i) => file(`${i}.jpg`, i));
await collection.write(id, changes);
await collection.close();
console.log('closed');
