import { describe, expect, test } from 'vitest';
import { createBirthCertificates as createBirthsAgency } from '../../embedded/agencies/birth-certificates.ts';
import { createCivilStatus as createCivilStatusAgency } from '../../embedded/agencies/civil-status.ts';
import { serve } from '../../embedded/agencies/desk.ts';
import { createBirthCertificates } from './birth-certificates.ts';
import { createCivilStatus } from './civil-status.ts';

const caseCode = 'H29.16-261122-0001';
let number = 0;
const newKey = () => `${caseCode}/test/${(number += 1)}`;

describe('births and marriages', () => {
  test('a birth is found by its certificate, or by mother and day', async () => {
    const births = await serve(createBirthsAgency(), 0);
    const connector = createBirthCertificates(births);
    const known = { dateOfBirth: '2026-03-01', caseCode };
    const certificate = '00126.GCS.77001.26';
    const motherPersonalNumber = '077192990003';
    const birth = { found: true, certificate, motherPersonalNumber, gender: 'female' };
    expect(await connector.lookUpBirth({ ...known, certificate }, newKey())).toMatchObject(birth);
    expect(await connector.lookUpBirth({ ...known, motherPersonalNumber }, newKey())).toMatchObject(birth);
    const other = { ...known, dateOfBirth: '2026-03-02', motherPersonalNumber };
    expect(await connector.lookUpBirth(other, newKey())).toEqual({ found: false });
    await expect(connector.lookUpBirth(known, newKey())).rejects.toThrow('refuses with 422');
    await births.close();
  });

  test('two people are known as a couple whoever is named first, and strangers are not', async () => {
    const records = await serve(createCivilStatusAgency(), 0);
    const connector = createCivilStatus(records);
    const [an, cuc] = ['077090990001', '077192990003'];
    const married = { found: true, certificate: '41/2021' };
    expect(await connector.lookUpMarriage({ first: an, second: cuc, caseCode }, newKey())).toMatchObject(
      married,
    );
    expect(await connector.lookUpMarriage({ first: cuc, second: an, caseCode }, newKey())).toMatchObject(
      married,
    );
    const binh = '077185990002';
    expect(await connector.lookUpMarriage({ first: an, second: binh, caseCode }, newKey())).toEqual({
      found: false,
    });
    await records.close();
  });
});
