// Takes the right to change a collection and adds pictures one by one until it is killed. ADDRESS NAME FIRST
import { postgresStore } from '../../../src/search/stores/postgres/postgresStore.ts';
import { file, model } from './changes.ts';

const [address = '', name = '', first = '0'] = process.argv.slice(2);
const collection = await postgresStore.open(address, { name });
const { id } = await collection.addModel(model(1));
await collection.lock();
for (let i = Number(first); ; i++) {
  await collection.write(id, [file(`${i}.jpg`, i)]);
  console.log(i);
}
