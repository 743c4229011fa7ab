import { z } from 'zod';

/** The title of a field in both languages. */
export const label = (vi: string, en: string) => ({ title: vi, 'title.en': en });

/** A line of text that must be given. */
export const text = (vi: string, en: string, max = 200) =>
  z.string().trim().min(1).max(max).meta(label(vi, en));

/** A longer text, which may be empty. */
export const note = (vi: string, en: string) => z.string().trim().max(2000).meta(label(vi, en));

const lettersOnly = 'Họ tên chỉ gồm chữ cái · A name consists of letters only';
/** Letters of Vietnamese and of Western European names: what the certificate's typeface can print. */
const letters = '[A-Za-zÀ-ÖØ-öø-ſƠơƯưẠ-ỹ]+';
/** Words of letters, as in `Nguyễn Văn An` or `H’Hen Niê`. */
const words = new RegExp(`^${letters}(['’ ]${letters})*$`, 'u');
/** A name as the civil register writes it: words of letters, 2 to 50 characters. */
export const name = (vi: string, en: string) =>
  z.string().trim().min(2).max(50).regex(words, lettersOnly).meta(label(vi, en));
