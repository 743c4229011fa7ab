import type { Express } from 'express';
import { BirthAnswer, BirthQuery } from '../../activities/agencies/birth-certificates.ts';
import { Births, readSample } from '../samples.ts';
import { BirthControl } from './control.ts';
import { createDesk } from './desk.ts';

/** Sample electronic birth certificates: those of `samples/births.json` and what the sandbox adds. */
export function createBirthCertificates(): Express {
  const { births } = readSample('births.json', Births);
  const desk = createDesk({
    name: 'birth-certificates',
    title: 'Electronic birth certificates',
    control: BirthControl,
  });
  desk.takes({
    method: 'post',
    path: '/births/lookup',
    summary: 'Look a birth up by its certificate, or by mother and day',
    question: BirthQuery,
    answer: BirthAnswer,
    status: 200,
    keyed: true,
    purposeBound: true,
    respond({ certificate, motherPersonalNumber, dateOfBirth }): BirthAnswer {
      const birth = [...desk.control().also, ...births].find((known) =>
        certificate
          ? known.certificate === certificate
          : known.motherPersonalNumber === motherPersonalNumber && known.dateOfBirth === dateOfBirth,
      );
      return birth ? { found: true, ...birth } : { found: false };
    },
  });
  return desk.app;
}
