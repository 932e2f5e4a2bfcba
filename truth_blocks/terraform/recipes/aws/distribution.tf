# makes: a CloudFront distribution in front of one origin, HTTPS only
# assumes: The distribution is reached under CloudFront's own domain name and certificate.
# asks: Which server does the content come from?
# output: distribution_domain | aws_cloudfront_distribution.recipe_name.domain_name | Domain name of the distribution
resource "aws_cloudfront_distribution" "recipe_name" {
  enabled = true

  origin {
    domain_name = var.origin_domain
    origin_id   = "origin"

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  default_cache_behavior {
    allowed_methods        = ["GET", "HEAD", "OPTIONS"]
    cached_methods         = ["GET", "HEAD"]
    target_origin_id       = "origin"
    viewer_protocol_policy = "redirect-to-https"

    forwarded_values {
      query_string = true

      cookies {
        forward = "none"
      }
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}
