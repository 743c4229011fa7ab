import type { Express } from 'express';
import type { z } from 'zod';
import { PlanningAnswer, PlanningQuery, type PlanningCheck } from '../../activities/agencies/planning.ts';
import { Parcels, readSample } from '../samples.ts';
import { Control } from './control.ts';
import { createDesk } from './desk.ts';

type Building = z.infer<typeof PlanningQuery>;
type Parcel = z.infer<typeof Parcels>['parcels'][number];
type Zone = z.infer<typeof Parcels>['zones'][number];

/** A sample planning map: the zones and parcels of `samples/parcels.json`. */
export function createPlanning(): Express {
  const { parcels, zones } = readSample('parcels.json', Parcels);
  const desk = createDesk({ name: 'planning', title: 'Planning map', control: Control });
  desk.takes({
    method: 'post',
    path: '/checks',
    summary: 'Compare a building with the zone of its parcel',
    question: PlanningQuery,
    answer: PlanningAnswer,
    status: 200,
    keyed: true,
    purposeBound: true,
    respond(building): PlanningAnswer {
      const { sheet, number } = building.parcel;
      const parcel = parcels.find((known) => known.sheet === sheet && known.number === number);
      const zone = zones.find(({ code }) => code === parcel?.zone);
      if (!parcel || !zone) return { zone: null, checks: [notMapped] };
      return { zone: zone.code, checks: compare(building, parcel, zone) };
    },
  });
  return desk.app;
}

const inVi = new Intl.NumberFormat('vi');
const inEn = new Intl.NumberFormat('en');

const notMapped: PlanningCheck = {
  id: 'mapped',
  passed: false,
  limit: 1,
  actual: 0,
  note: { vi: 'Thửa đất chưa có trên bản đồ quy hoạch', en: 'The parcel is not on the planning map' },
};

function compare(building: Building, parcel: Parcel, zone: Zone): PlanningCheck[] {
  const { setbacks } = building;
  return [
    atMost('floors', building.floors, zone.maxFloors, 'Số tầng', 'Floors'),
    atMost(
      'density',
      building.densityPercent,
      zone.maxDensityPercent,
      'Mật độ xây dựng (%)',
      'Building density (%)',
    ),
    atMost('height', building.heightM, zone.maxHeightM, 'Chiều cao công trình (m)', 'Height (m)'),
    atLeast(
      'setbackFront',
      setbacks.frontM,
      zone.setbacks.frontM,
      'Khoảng lùi trước (m)',
      'Front setback (m)',
    ),
    atLeast('setbackSide', setbacks.sideM, zone.setbacks.sideM, 'Khoảng lùi bên (m)', 'Side setback (m)'),
    atLeast('setbackRear', setbacks.rearM, zone.setbacks.rearM, 'Khoảng lùi sau (m)', 'Rear setback (m)'),
    atLeast(
      'minimumArea',
      parcel.areaM2,
      zone.minAreaM2,
      'Diện tích thửa đất (m²)',
      'Area of the parcel (m²)',
    ),
    atMost(
      'plannedRoad',
      parcel.plannedRoadM2,
      0,
      'Đất trong lộ giới quy hoạch (m²)',
      'Area in a planned road (m²)',
    ),
    atMost(
      'coastalCorridor',
      parcel.coastalCorridorM2,
      0,
      'Đất trong hành lang bờ biển (m²)',
      'Area in the coastal corridor (m²)',
    ),
    atMost(
      'heritage',
      parcel.heritageM2,
      0,
      'Đất trong khu vực di tích (m²)',
      'Area in a heritage zone (m²)',
    ),
  ];
}

function atMost(
  id: PlanningCheck['id'],
  actual: number,
  limit: number,
  vi: string,
  en: string,
): PlanningCheck {
  const note = {
    vi: `${vi}: ${inVi.format(actual)}, tối đa ${inVi.format(limit)}`,
    en: `${en}: ${inEn.format(actual)}, at most ${inEn.format(limit)}`,
  };
  return { id, passed: actual <= limit, limit, actual, note };
}

function atLeast(
  id: PlanningCheck['id'],
  actual: number,
  limit: number,
  vi: string,
  en: string,
): PlanningCheck {
  const note = {
    vi: `${vi}: ${inVi.format(actual)}, tối thiểu ${inVi.format(limit)}`,
    en: `${en}: ${inEn.format(actual)}, at least ${inEn.format(limit)}`,
  };
  return { id, passed: actual >= limit, limit, actual, note };
}
