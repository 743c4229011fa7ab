import type { Express } from 'express';
import { ParcelAnswer, ParcelQuery } from '../../activities/agencies/land-registry.ts';
import { Parcels, readSample } from '../samples.ts';
import { Control } from './control.ts';
import { createDesk } from './desk.ts';

/** A sample land registry that knows the parcels of `samples/parcels.json`. */
export function createLandRegistry(): Express {
  const { parcels } = readSample('parcels.json', Parcels);
  const desk = createDesk({ name: 'land-registry', title: 'Land registry', control: Control });
  desk.takes({
    method: 'post',
    path: '/parcels/lookup',
    summary: 'Look a parcel up by map sheet and number',
    question: ParcelQuery,
    answer: ParcelAnswer,
    status: 200,
    keyed: true,
    purposeBound: true,
    respond({ sheet, number, certificate, ownerPersonalNumber }): ParcelAnswer {
      const parcel = parcels.find((known) => known.sheet === sheet && known.number === number);
      if (!parcel) return { found: false };
      return {
        found: true,
        areaM2: parcel.areaM2,
        landUse: parcel.landUse,
        certificateMatches: parcel.certificate.replaceAll(' ', '') === certificate.replaceAll(' ', ''),
        ...(ownerPersonalNumber === undefined ? {} : { ownerMatches: parcel.owner === ownerPersonalNumber }),
        address: parcel.address,
        encumbrances: parcel.encumbrances,
        plannedRoad: parcel.plannedRoadM2 > 0,
      };
    },
  });
  return desk.app;
}
