# makes: a private, versioned and encrypted S3 bucket
# assumes: Nobody outside the account reads the bucket; every public access is blocked.
# asks: Bucket names are unique in all of AWS: is the name still free?
# output: bucket_arn | aws_s3_bucket.recipe_name.arn | ARN of the bucket
resource "aws_s3_bucket" "recipe_name" {
  bucket = var.name
}

resource "aws_s3_bucket_public_access_block" "recipe_name" {
  bucket = aws_s3_bucket.recipe_name.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "recipe_name" {
  bucket = aws_s3_bucket.recipe_name.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "recipe_name" {
  bucket = aws_s3_bucket.recipe_name.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}
