# makes: a TLS certificate (ACM) for one domain, validated by DNS
# assumes: The validation record is created where the domain's zone is managed.
# output: certificate_arn | aws_acm_certificate.recipe_name.arn | ARN of the certificate
resource "aws_acm_certificate" "recipe_name" {
  domain_name       = var.domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}
