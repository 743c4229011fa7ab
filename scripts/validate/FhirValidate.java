import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import java.nio.file.Files;
import java.nio.file.Path;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/**
 * Validates FHIR R4 resources with HL7's validator, offline. For each file prints its path, a tab and either "accepted" or the first error.
 * Codes of systems that do not come with FHIR (ICD-10, LOINC, ATC, CVX) cannot be looked up here; that is a warning.
 */
class FhirValidate {
  public static void main(String[] files) throws Exception {
    FhirContext context = FhirContext.forR4();
    UnknownCodeSystemWarningValidationSupport unknown = new UnknownCodeSystemWarningValidationSupport(context);
    unknown.setNonExistentCodeSystemSeverity(IValidationSupport.IssueSeverity.WARNING);
    ValidationSupportChain support = new ValidationSupportChain(
      new DefaultProfileValidationSupport(context),
      new CommonCodeSystemsTerminologyService(context),
      new InMemoryTerminologyServerValidationSupport(context),
      unknown);
    FhirInstanceValidator module = new FhirInstanceValidator(support);
    module.setErrorForUnknownProfiles(true);
    FhirValidator validator = context.newValidator().registerValidatorModule(module);
    for (String file : files) {
      String verdict = validator.validateWithResult(Files.readString(Path.of(file))).getMessages().stream()
        .filter(each -> each.getSeverity() == ResultSeverityEnum.ERROR || each.getSeverity() == ResultSeverityEnum.FATAL)
        .map(each -> each.getLocationString() + ": " + each.getMessage().replaceAll("\\s+", " "))
        .findFirst().orElse("accepted");
      System.out.println(file + "\t" + verdict);
    }
  }
}
