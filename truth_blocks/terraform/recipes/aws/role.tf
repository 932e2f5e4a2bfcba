# makes: an IAM role that one AWS service may take, with the policies you name
# assumes: No permission is given beyond the policies in the variable.
# asks: Which service takes the role, and what may it do?
# output: role_arn | aws_iam_role.recipe_name.arn | ARN of the role
data "aws_iam_policy_document" "recipe_name_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [var.trusted_service]
    }
  }
}

resource "aws_iam_role" "recipe_name" {
  name               = var.name
  assume_role_policy = data.aws_iam_policy_document.recipe_name_trust.json
}

resource "aws_iam_role_policy_attachment" "recipe_name" {
  for_each = toset(var.policy_arns)

  role       = aws_iam_role.recipe_name.name
  policy_arn = each.value
}
