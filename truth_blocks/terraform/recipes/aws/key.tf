# makes: a KMS key that is rotated every year, with an alias
# assumes: The account's own policies decide who may use the key.
# output: key_arn | aws_kms_key.recipe_name.arn | ARN of the key
resource "aws_kms_key" "recipe_name" {
  description             = var.name
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "recipe_name" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.recipe_name.key_id
}
