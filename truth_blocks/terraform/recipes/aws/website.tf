# makes: a static website: a private S3 bucket served by CloudFront over HTTPS
# assumes: The site is reached under CloudFront's own domain name and certificate.
# asks: Under which domain name should the site be reached, and where is that zone managed?
# output: website_domain | aws_cloudfront_distribution.recipe_name_site.domain_name | Domain name of the site
resource "aws_s3_bucket" "recipe_name_site" {
  bucket = "${var.name}-site"
}

resource "aws_s3_bucket_public_access_block" "recipe_name_site" {
  bucket = aws_s3_bucket.recipe_name_site.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_cloudfront_origin_access_control" "recipe_name_site" {
  name                              = "${var.name}-site"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_distribution" "recipe_name_site" {
  enabled             = true
  default_root_object = "index.html"

  origin {
    domain_name              = aws_s3_bucket.recipe_name_site.bucket_regional_domain_name
    origin_id                = "site"
    origin_access_control_id = aws_cloudfront_origin_access_control.recipe_name_site.id
  }

  default_cache_behavior {
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    target_origin_id       = "site"
    viewer_protocol_policy = "redirect-to-https"

    forwarded_values {
      query_string = false

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

data "aws_iam_policy_document" "recipe_name_site" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.recipe_name_site.arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "AWS:SourceArn"
      values   = [aws_cloudfront_distribution.recipe_name_site.arn]
    }
  }
}

resource "aws_s3_bucket_policy" "recipe_name_site" {
  bucket = aws_s3_bucket.recipe_name_site.id
  policy = data.aws_iam_policy_document.recipe_name_site.json
}
