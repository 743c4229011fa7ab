import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.File;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks EU DSS about PDFs, with the root certificate of the first argument as the only trust anchor and no source on the
 * network. Prints for each signature of each file: path, format, indication, and every warning and error.
 */
public class DssValidate {
  public static void main(String[] args) {
    CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
    trusted.addCertificate(DSSUtils.loadCertificate(new File(args[0])));
    for (int i = 1; i < args.length; i++) {
      CommonCertificateVerifier verifier = new CommonCertificateVerifier();
      verifier.setTrustedCertSources(trusted);
      verifier.setAIASource(null);
      SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(new File(args[i])));
      validator.setCertificateVerifier(verifier);
      SimpleReport report = validator.validateDocument().getSimpleReport();
      for (String id : report.getSignatureIdList()) {
        List<Message> said = new ArrayList<>(report.getAdESValidationErrors(id));
        said.addAll(report.getAdESValidationWarnings(id));
        List<String> line = new ArrayList<>(List.of(args[i],
          String.valueOf(report.getSignatureFormat(id)), String.valueOf(report.getIndication(id))));
        said.forEach(message -> line.add(message.getValue()));
        System.out.println(String.join("\t", line));
      }
    }
  }
}
