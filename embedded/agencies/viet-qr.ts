/** Who is paid, how much and with which note; together the text of one dynamic VietQR code. */
export interface Transfer {
  /** Bank identification number of NAPAS, 6 digits. */
  bank: string;
  account: string;
  /** In đồng. */
  amount: number;
  /** At most 25 ASCII characters, so that the bank statement can be matched with the order. */
  note: string;
}

/** Writes a transfer as EMVCo text (tag, two-digit length, value; CRC at the end), which banking apps scan as VietQR. */
export function vietQr({ bank, account, amount, note }: Transfer): string {
  const beneficiary = field('00', bank) + field('01', account);
  const napas = field('00', 'A000000727') + field('01', beneficiary) + field('02', 'QRIBFTTA');
  const text = [
    field('00', '01'),
    field('01', '12'),
    field('38', napas),
    field('53', '704'),
    field('54', String(amount)),
    field('58', 'VN'),
    field('62', field('08', note)),
    '6304',
  ].join('');
  return text + crc16(text);
}

function field(tag: string, value: string): string {
  return tag + String(value.length).padStart(2, '0') + value;
}

/** CRC-16/CCITT-FALSE of ASCII text as four upper-case hexadecimal digits. */
export function crc16(text: string): string {
  let crc = 0xffff;
  for (const byte of Buffer.from(text, 'ascii')) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1)
      crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc.toString(16).toUpperCase().padStart(4, '0');
}
