/**
 * What the templates of `templates/letters` are called: the legal forms (Circular 03/2025/TT-VPCP, Annex I), and what else
 * an agency writes about a case or a result.
 */
export const letterTitles = {
  'form-01': { vi: 'Giấy tiếp nhận hồ sơ và hẹn trả kết quả', en: 'Receipt and appointment slip' },
  'form-02': { vi: 'Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ', en: 'Request to supplement the application' },
  'form-03': { vi: 'Phiếu từ chối tiếp nhận giải quyết hồ sơ', en: 'Refusal to accept the application' },
  'form-04': {
    vi: 'Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết',
    en: 'Apology and request for more time',
  },
  'form-05': { vi: 'Thông báo dừng giải quyết hồ sơ', en: 'Notice that processing has stopped' },
  'form-06': { vi: 'Phiếu kiểm soát quá trình giải quyết hồ sơ', en: 'Control slip' },
  'form-07': { vi: 'Sổ theo dõi hồ sơ', en: 'Register of cases' },
  transfer: { vi: 'Phiếu chuyển hồ sơ đến cơ quan có thẩm quyền', en: 'Transfer to the competent agency' },
  revocation: { vi: 'Quyết định thu hồi', en: 'Decision of revocation' },
  'certified-copy': { vi: 'Bản sao', en: 'Certified copy' },
  'english-extract': { vi: 'Bản trích tiếng Anh', en: 'Extract in English' },
} as const;
