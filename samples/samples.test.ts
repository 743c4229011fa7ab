import { readFileSync } from 'node:fs';
import { fileTypeFromBuffer } from 'file-type';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { People, readSample, Residents, Parcels, sampleCity } from '../embedded/samples.ts';
import { Application } from '../workflows/construction-permit/forms.ts';
import { Applicant } from '../workflows/engine/index.ts';

const Sample = z.object({
  agency: z.string(),
  applicant: Applicant,
  answers: Application,
  papers: z.array(z.object({ kind: z.string(), file: z.string() })),
});
const folder = new URL('construction-permit/', import.meta.url);
let sample: z.infer<typeof Sample>;

beforeAll(() => {
  sample = Sample.parse(JSON.parse(readFileSync(new URL('application.json', folder), 'utf8')));
});

test('the sample applicant can sign in and is whom the resident registry knows', () => {
  const { personalNumber, fullName, dateOfBirth, residence } = sample.applicant;
  const { people } = readSample('people.json', People);
  expect(people.find((person) => person.personalNumber === personalNumber)?.name).toBe(fullName);
  const { residents } = readSample('residents.json', Residents);
  expect(residents).toContainEqual({ personalNumber, fullName, dateOfBirth, residence });
});

test('every personal number agrees with the birthday of its resident', () => {
  for (const { personalNumber, dateOfBirth } of readSample('residents.json', Residents).residents) {
    const century = 19 + Math.floor(Number(personalNumber[3]) / 2);
    expect(dateOfBirth.slice(0, 4)).toBe(`${century}${personalNumber.slice(4, 6)}`);
  }
});

test('the sample parcel is the applicant’s, of the stated size, and lies in the ward that is asked', () => {
  const { parcel, houseAddress } = sample.answers;
  const known = readSample('parcels.json', Parcels).parcels.find(({ number }) => number === parcel.number);
  expect(known).toMatchObject({ ...parcel, owner: sample.applicant.personalNumber, address: houseAddress });
  const agency = sampleCity().agencies.find(({ code }) => code === sample.agency);
  expect(agency?.place).toBe(houseAddress.ward);
});

test('the numbers of the sample house agree with each other', () => {
  const house = sample.answers;
  expect(house.totalFloorAreaM2).toBe(house.groundFloorAreaM2 * house.floorsAbove);
  expect(house.densityPercent).toBe((house.groundFloorAreaM2 / house.parcel.areaM2) * 100);
  expect(house.floorAreaRatio).toBe(house.totalFloorAreaM2 / house.parcel.areaM2);
});

test('the sample papers are real PDF and JPEG files, 200 kB in all', async () => {
  const files = sample.papers.map(({ file }) => readFileSync(new URL(file, folder)));
  const types = await Promise.all(files.map((file) => fileTypeFromBuffer(file)));
  expect(types.map((type) => type?.ext)).toEqual(['pdf', 'pdf', 'pdf', 'pdf', 'pdf', 'jpg']);
  expect(files.reduce((sum, file) => sum + file.length, 0)).toBeLessThan(200_000);
});
