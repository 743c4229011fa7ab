import type { Text } from '../engine/index.ts';

/*
 * In which order children are considered, as data of this edition: a plan of another year that orders them otherwise is another
 * edition.
 */

/** How a child lives in the catchment of a school, the first tier first. */
export const tiers = [
  { vi: 'thường trú trong tuyến', en: 'permanent resident of the catchment' },
  { vi: 'thực tế cư trú (tạm trú) trong tuyến', en: 'temporary resident of the catchment' },
  { vi: 'ngoài tuyến', en: 'from outside the catchment' },
] as const satisfies readonly Text[];

/** The criteria within which one child goes before another, in their order. */
export const criteria = [
  { vi: 'diện cư trú', en: 'residence' },
  { vi: 'diện ưu tiên', en: 'priority group' },
  { vi: 'anh chị em đang học tại trường', en: 'a sibling at the school' },
  { vi: 'khoảng cách đến trường', en: 'distance to the school' },
  { vi: 'thời gian cư trú', en: 'how long the child has lived there' },
  { vi: 'bốc thăm', en: 'the lottery' },
] as const satisfies readonly Text[];
