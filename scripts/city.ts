import { readFile } from 'node:fs/promises';
import { systemClock } from '../clock.ts';
import { readConfig, required } from '../config.ts';
import { applyCity, City } from '../records/city.ts';
import { migrate, openDatabase } from '../records/db.ts';

/** `npm run city -- <file.json>`: loads agencies, fees and calendar into the database of DATABASE_URL; see samples/city.json. */
const file = process.argv[2];
try {
  if (!file) throw new Error('name the file of the city, for example samples/city.json');
  const city = City.parse(JSON.parse(await readFile(file, 'utf8')));
  const db = openDatabase(required(readConfig(), 'DATABASE_URL'), 1);
  await migrate(db);
  await applyCity(db, city, systemClock.now()).finally(() => db.destroy());
  console.log(
    `${city.agencies.length} agencies, ${city.fees.length} fees and the calendar of ${city.years.from}–${city.years.to} are loaded from ${file}.`,
  );
} catch (error) {
  console.error(`The city was not loaded: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
